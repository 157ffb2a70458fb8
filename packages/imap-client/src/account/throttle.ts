import { MailError } from '@posthorn/core';
import { ServerRefusedError } from '../errors.ts';

/** Why a server wants to be left alone for a while. */
export interface Throttle {
  /**
   * `connections` too many of them; `rate` too much, too fast; `unavailable` the server is not well; `inUse` somebody else
   * has the mailbox.
   */
  readonly kind: 'connections' | 'rate' | 'unavailable' | 'inUse';
  /** How long, when the server says so. */
  readonly waitMs: number | undefined;
}

/** The words by which servers say it. They stand in for codes that servers leave out or use for much else. */
const WORDS: readonly (readonly [RegExp, Throttle['kind']])[] = [
  // Gmail: "Too many simultaneous connections. (Failure)"; Dovecot: "Maximum number of connections from user+IP
  // exceeded"; Courier: "Too many connections"; Exchange: "User is authenticated but not connected".
  [
    /too many (?:simultaneous |concurrent |open |active |imap )*(?:connections|sessions|logins|clients)/i,
    'connections',
  ],
  [/(?:maximum number of|limit of|number of) (?:concurrent |simultaneous )*connections/i, 'connections'],
  [/connection limit|connections? (?:is |was |has been )?exceeded/i, 'connections'],
  [/authenticated but not connected/i, 'connections'],
  // Exchange: "Request is throttled. Suggested Backoff Time: 299961 milliseconds"; Gmail: "Account exceeded command or
  // bandwidth limits"; Yahoo: "LOGIN Rate limit hit".
  [/throttled|rate limit|too many (?:requests|commands|attempts)|(?:command|bandwidth) limit|try again later/i, 'rate'],
];

const CODES: ReadonlyMap<string, Throttle['kind']> = new Map([
  ['THROTTLED', 'rate'],
  ['LIMIT', 'rate'],
  ['UNAVAILABLE', 'unavailable'],
  ['INUSE', 'inUse'],
]);

const MILLISECONDS = /back-?off time:? ?(\d{1,9}) ?(?:ms\b|milliseconds)/i;
const SPAN = /(?:try again|wait|retry|back)[a-z ]{0,20} (\d{1,6}) ?(second|minute|hour)/i;
const UNIT_MS: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000 };

/**
 * What an error says about throttling; undefined when it says nothing about it. Looks at the causes too: a refused login
 * has the server's answer there.
 */
export function throttleOf(error: unknown): Throttle | undefined {
  for (let depth = 0, each = error; depth < 5 && each instanceof Error; depth++, each = each.cause) {
    const isBye = MailError.is(each) && each.code === 'CONNECTION_BYE';
    if (!(each instanceof ServerRefusedError) && !isBye) continue;
    const text = each instanceof ServerRefusedError ? each.text : each.message;
    const kind = kindOf(text, each instanceof ServerRefusedError ? each.reason : undefined);
    if (kind !== undefined) return { kind, waitMs: waitOf(text) };
  }
  return undefined;
}

function kindOf(text: string, code: string | undefined): Throttle['kind'] | undefined {
  // Servers say a lot in few words; what is longer is about something else, and not worth the time.
  const words = text.slice(0, 500);
  return WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? (code === undefined ? undefined : CODES.get(code));
}

function waitOf(text: string): number | undefined {
  const words = text.slice(0, 500);
  const exact = MILLISECONDS.exec(words)?.[1];
  if (exact !== undefined) return Number(exact);
  const [, amount, unit] = SPAN.exec(words) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * UNIT_MS[unit.toLowerCase()]!;
}
