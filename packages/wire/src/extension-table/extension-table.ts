/**
 * Words of an extension that this package does not know, with values of their own.
 * @module
 */
import type { Command } from '../commands/command.ts';
import type { ResponseCode } from '../response-codes/response-code.ts';
import type {
  ContinuationRequest,
  Diagnosed,
  FetchData,
  FetchItems,
  LiteralStart,
  Response,
  ResponseEvent,
  StatusResponse,
  UidFetchData,
  UidLiteralStart,
} from '../responses/response.ts';
import type { ValueReader } from './value-reader.ts';
import type { ValueWriter } from './value-writer.ts';

/** How what stands behind a word is read and written. `write` writes what `read` reads. */
export interface Syntax<Value> {
  /** Reads all there is. What does not fit is refused with `input.fail`, and stays as it came then. */
  read(input: ValueReader): Value;
  /** @throws RangeError for a value that cannot be sent. */
  write(output: ValueWriter, value: Value): void;
}

type Syntaxes = Readonly<Record<string, Syntax<unknown>>>;

/** What an extension adds. Names are in upper case; those of words that are known here already are never asked. */
export interface ExtensionTable {
  /** Commands, such as `XFOO` and `UID XFOO`. */
  readonly commands?: Syntaxes;
  /** Untagged responses. */
  readonly responses?: Syntaxes;
  /** Response codes. A value may hold no literal. */
  readonly codes?: Syntaxes;
  /** Items of FETCH answers. They are asked for as `{ type: 'other', name }`. */
  readonly fetchItems?: Syntaxes;
}

/** What an encoder is told of a table. */
export interface ExtensionOption<Table extends ExtensionTable> {
  /** Words that others add, with values of their own. */
  readonly extensions?: Table | undefined;
}

/** A table of nothing. */
export type NoExtensions = Record<never, never>;

type ValueOf<Of> = Of extends { read(input: ValueReader): infer Value } ? Value : never;
type Named<Table, Kind extends keyof ExtensionTable> = Kind extends keyof Table
  ? NonNullable<Table[Kind]>
  : NoExtensions;

/** A response of a table. */
export type TableResponse<Table> = {
  readonly [Name in keyof Named<Table, 'responses'> & string]: Diagnosed & {
    readonly type: 'extension';
    readonly name: Name;
    /** The number before the name, as in `* 4 NAME`. */
    readonly number?: number;
    readonly value: ValueOf<Named<Table, 'responses'>[Name]>;
  };
}[keyof Named<Table, 'responses'> & string];

/** A response code of a table. */
export type TableCode<Table> = {
  readonly [Name in keyof Named<Table, 'codes'> & string]: {
    readonly type: 'extension';
    readonly name: Name;
    readonly value: ValueOf<Named<Table, 'codes'>[Name]>;
  };
}[keyof Named<Table, 'codes'> & string];

/** A command of a table. */
export type TableCommand<Table> = {
  readonly [Name in keyof Named<Table, 'commands'> & string]: {
    readonly name: 'extension';
    readonly command: Name;
    readonly value: ValueOf<Named<Table, 'commands'>[Name]>;
  };
}[keyof Named<Table, 'commands'> & string];

/** The items of a FETCH answer with those of a table. */
export interface TableItems<Table> extends FetchItems {
  readonly extensions?: {
    readonly [Name in keyof Named<Table, 'fetchItems'> & string]?: ValueOf<Named<Table, 'fetchItems'>[Name]>;
  };
}

type WithCode<Value, Table> = Omit<Value, 'code'> & { readonly code?: ResponseCode | TableCode<Table> | undefined };
type WithItems<Value, Table> = Omit<Value, 'items'> & { readonly items: TableItems<Table> };
type Coded = StatusResponse | ContinuationRequest;
type Itemized = FetchData | UidFetchData;
type Started = LiteralStart | UidLiteralStart;

/** A response, or one of a table. */
export type ResponseWith<Table> = keyof Table extends never
  ? Response
  :
      | Exclude<Response, Coded | Itemized>
      | WithCode<StatusResponse, Table>
      | WithCode<ContinuationRequest, Table>
      | WithItems<FetchData, Table>
      | WithItems<UidFetchData, Table>
      | TableResponse<Table>;

/** What a decoder of responses gives that has a table. */
export type ResponseEventWith<Table> = keyof Table extends never
  ? ResponseEvent
  :
      | ResponseWith<Table>
      | Exclude<ResponseEvent, Response | Started>
      | WithItems<LiteralStart, Table>
      | WithItems<UidLiteralStart, Table>;

/** A command, or one of a table. */
export type CommandWith<Table> = Command | TableCommand<Table>;
