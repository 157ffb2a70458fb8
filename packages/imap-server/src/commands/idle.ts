import { hasUnasked, tellOthers } from '../notify/tell-unasked.ts';
import { bad, type Completion, ok } from '../replies/replies.ts';
import { tellNews } from '../selected/tell-news.ts';
import type { Session } from '../session/session.ts';

/**
 * Tells of changes as they happen, until the client says DONE.
 * @see RFC 9051 section 6.3.13
 */
export async function idle(session: Session): Promise<Completion> {
  const { output, protocol, selected, signal } = session;
  output.send({ type: 'continuation', text: 'Idling' });
  protocol.expectLine();
  if (selected !== undefined) await selected.refresh(signal);
  for (;;) {
    if (selected !== undefined) await tellNews(session, selected);
    const event = await session.input.nextEvent({ until: () => selected?.isHinted === true || hasUnasked(session) });
    if (event === undefined) session.input.endWith('Good-bye');
    if (event === 'woken') {
      await tellOthers(session);
      await selected?.refresh(signal);
    } else return event.type === 'line' && isDone(event.bytes) ? ok('Done') : bad('Expected DONE');
  }
}

function isDone(bytes: Uint8Array): boolean {
  return bytes.length <= 16 && /^done\s*$/i.test(new TextDecoder('latin1').decode(bytes));
}
