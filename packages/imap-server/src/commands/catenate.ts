import type { Mailbox } from '@posthorn/core';
import { uid } from '@posthorn/core';
import { StructureMemory } from '../fetch/message-source.ts';
import { openSections } from '../fetch/open-sections.ts';
import { type MessageUrl, parseMessageUrl } from '../mailboxes/imap-url.ts';
import { pathOfText } from '../mailboxes/names.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { CommandRefused, no } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';

/** What a URL that names nothing fails with, and one that names what the user may not read. */
const NOTHING_THERE: ReadonlySet<string> = new Set(['STORE_NONEXISTENT', 'STORE_NO_PERMISSION', 'STORE_EXPUNGED']);

/**
 * The octets a URL of CATENATE names, read as they are asked for.
 * @throws {@link CommandRefused} BADURL for a URL that is wrong, and for one that names nothing.
 * @see RFC 4469 section 3
 */
export async function* octetsOfUrl(session: Session, url: string): AsyncGenerator<Uint8Array, void, undefined> {
  const parsed = parseMessageUrl(url);
  if (parsed === undefined) throw badUrl(url);
  const opened = await openUrl(session, parsed).catch((error: unknown) => {
    const code = storeErrorCode(error);
    throw code !== undefined && NOTHING_THERE.has(code) ? badUrl(url) : error;
  });
  if (opened === undefined) throw badUrl(url);
  try {
    const [section] = opened.sections;
    if (section?.value === null || section === undefined) throw badUrl(url);
    if (section.value.type === 'inline') yield section.value.bytes;
    else yield* opened.open(0);
  } finally {
    await opened.release();
  }
}

async function openUrl(
  session: Session,
  url: MessageUrl,
): Promise<Awaited<ReturnType<typeof openSections>> | undefined> {
  const mailbox = await mailboxOf(session, url);
  if (mailbox === undefined || url.uid < 1 || url.uid > 0xffff_ffff) return undefined;
  if (url.uidValidity !== undefined && url.uidValidity !== mailbox.uidValidity) return undefined;
  const { section, partial } = url;
  const request = { item: 'BODY', section, ...(partial === undefined ? {} : { partial }) } as const;
  const structures = new StructureMemory();
  return openSections({ mailbox, structures }, uid(url.uid), [request], session.signal);
}

async function mailboxOf(session: Session, { mailbox }: MessageUrl): Promise<Mailbox | undefined> {
  const { selected, signal } = session;
  if (mailbox === undefined) return selected?.mailbox;
  const path = pathOfText(mailbox);
  return path === undefined ? undefined : session.openAccount().mailbox(path, { signal });
}

function badUrl(url: string): CommandRefused {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a response code cannot hold
  const told = url.replace(/[\u0000-\u001f\]\\"\u007f-\uffff]/g, encodeURIComponent);
  return new CommandRefused(no('That URL names nothing here', { type: 'badUrl', url: told }));
}
