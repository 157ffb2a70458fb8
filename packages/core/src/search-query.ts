import type { Flag } from './flags.ts';
import type { SequenceNumberSet, UidSet } from './id-set.ts';
import type { ModSeq } from './ids.ts';

/** A calendar day without time zone, as SEARCH compares them. `month` is 1 to 12. @see RFC 9051 section 6.4.4 */
export interface ImapDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Which date of a message a search compares. */
export type SearchedDate = 'internal' | 'sent' | 'saved';

/** What to look for. Sets are resolved: `*` was replaced before the query reaches a store. @see RFC 9051 section 6.4.4 */
export type SearchQuery =
  | { readonly type: 'all' }
  | { readonly type: 'and'; readonly queries: readonly SearchQuery[] }
  | { readonly type: 'or'; readonly left: SearchQuery; readonly right: SearchQuery }
  | { readonly type: 'not'; readonly query: SearchQuery }
  | { readonly type: 'flag'; readonly flag: Flag }
  | { readonly type: 'uid'; readonly uids: UidSet }
  | { readonly type: 'sequence'; readonly numbers: SequenceNumberSet }
  | { readonly type: 'header'; readonly name: string; readonly value: string }
  | { readonly type: 'text'; readonly where: 'body' | 'text'; readonly value: string }
  | {
      readonly type: 'date';
      readonly which: SearchedDate;
      readonly compare: 'before' | 'on' | 'since';
      readonly date: ImapDate;
    }
  | { readonly type: 'age'; readonly compare: 'older' | 'younger'; readonly seconds: number }
  | { readonly type: 'size'; readonly compare: 'larger' | 'smaller'; readonly octets: number }
  | { readonly type: 'modSeq'; readonly atLeast: ModSeq }
  | { readonly type: 'emailId' | 'threadId'; readonly id: string };
