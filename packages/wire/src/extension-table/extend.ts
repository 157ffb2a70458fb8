/**
 * Values of an {@link ExtensionTable} out of what decoders keep as it came, and the way back.
 * @module
 */

import { decodeText, utf8Bytes } from '@posthorn/core';
import type { Command } from '../commands/command.ts';
import { CommandWriter } from '../commands/command-writer.ts';
import { octetsOfPieces } from '../octets/piece-octets.ts';
import type { ResponseCode } from '../response-codes/response-code.ts';
import type { FetchItems, RawItem, Response, ResponseEvent } from '../responses/response.ts';
import { type ResponseEncodeOptions, ResponseWriter } from '../responses/response-writer.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { Fault } from '../tokens/fault.ts';
import { Reader } from '../tokens/reader.ts';
import type {
  CommandWith,
  ExtensionTable,
  ResponseEventWith,
  ResponseWith,
  Syntax,
  TableCode,
  TableItems,
  TableResponse,
} from './extension-table.ts';
import { valueReader } from './value-reader.ts';
import { valueWriter } from './value-writer.ts';

/** How deeply lists of a table may nest. */
const MAX_DEPTH = 64;

type AnyTable = Required<ExtensionTable>;

/** What is read of a value: itself, or nothing where it does not fit. */
interface Reading {
  readonly value?: unknown;
  readonly isRead: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

function syntaxOf(table: ExtensionTable, kind: keyof ExtensionTable, name: string): Syntax<unknown> | undefined {
  const syntaxes = table[kind];
  return syntaxes !== undefined && Object.hasOwn(syntaxes, name) ? syntaxes[name] : undefined;
}

function readValue(syntax: Syntax<unknown>, name: string, raw: Uint8Array): Reading {
  const reader = new Reader(false, MAX_DEPTH);
  reader.open(raw, 0, raw.length);
  try {
    const value = syntax.read(valueReader(reader));
    reader.finish();
    return { value, isRead: true, diagnostics: reader.diagnostics ?? [] };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    reader.noteFault('SYNTAX', fault, name);
    return { isRead: false, diagnostics: reader.diagnostics! };
  }
}

/** A response with values in the place of what the table knows. */
export function extendedEvent<Table extends ExtensionTable>(
  event: ResponseEvent,
  table: Table,
): ResponseEventWith<Table> {
  return extended(event, table) as ResponseEventWith<Table>;
}

function extended(event: ResponseEvent, table: ExtensionTable): unknown {
  switch (event.type) {
    case 'unknown': {
      const syntax = syntaxOf(table, 'responses', event.name);
      if (syntax === undefined) return event;
      const { value, isRead, diagnostics } = readValue(syntax, event.name, event.raw);
      const { name, number } = event;
      const known = { type: 'extension', name, ...(number !== undefined && { number }), value };
      return noted(isRead ? known : event, [...(event.diagnostics ?? []), ...diagnostics]);
    }
    case 'status':
    case 'continuation': {
      const { code } = event;
      const syntax = code?.type === 'atom' ? syntaxOf(table, 'codes', code.name) : undefined;
      if (syntax === undefined || code?.type !== 'atom') return event;
      const { value, isRead, diagnostics } = readValue(syntax, code.name, utf8Bytes(code.value ?? ''));
      const known = { ...event, code: { type: 'extension', name: code.name, value } };
      return noted(isRead ? known : event, [...(event.diagnostics ?? []), ...diagnostics]);
    }
    case 'fetch':
    case 'uidFetch':
    case 'literalStart':
    case 'uidLiteralStart': {
      if (event.items.raw === undefined) return event;
      const diagnostics: Diagnostic[] = 'diagnostics' in event ? [...(event.diagnostics ?? [])] : [];
      return noted({ ...event, items: extendedItems(event.items, event.items.raw, table, diagnostics) }, diagnostics);
    }
    default:
      return event;
  }
}

function extendedItems(
  items: FetchItems,
  all: readonly RawItem[],
  table: ExtensionTable,
  diagnostics: Diagnostic[],
): unknown {
  const values: [string, unknown][] = [];
  const left: RawItem[] = [];
  for (const item of all) {
    const syntax = syntaxOf(table, 'fetchItems', item.name);
    const reading = syntax && readValue(syntax, item.name, item.raw);
    if (reading !== undefined) diagnostics.push(...reading.diagnostics);
    if (reading?.isRead === true) values.push([item.name, reading.value]);
    else left.push(item);
  }
  if (values.length === 0) return items;
  const { raw: _, ...others } = items;
  return { ...others, ...(left.length > 0 && { raw: left }), extensions: Object.fromEntries(values) };
}

function noted(value: object, diagnostics: readonly Diagnostic[]): unknown {
  return diagnostics.length === 0 ? value : { ...value, diagnostics };
}

/** A command with its value, where the table knows it, and what was noted of that. */
export function extendedCommand<Table extends ExtensionTable>(
  command: Command,
  table: Table,
): { readonly command: CommandWith<Table>; readonly diagnostics: readonly Diagnostic[] } {
  const syntax = command.name === 'X' ? syntaxOf(table, 'commands', command.command) : undefined;
  if (syntax === undefined || command.name !== 'X') return { command, diagnostics: [] };
  const { value, isRead, diagnostics } = readValue(syntax, command.command, command.raw);
  const known = { name: 'extension', command: command.command, value };
  return { command: (isRead ? known : command) as CommandWith<Table>, diagnostics };
}

/** A response as it is written, the values of the table spelled. */
export function plainResponse<Table extends ExtensionTable>(
  response: ResponseWith<Table>,
  table: Table | undefined,
  options: ResponseEncodeOptions,
): Response {
  // Types cannot follow a table that is not known here.
  const given = response as Response | TableResponse<AnyTable>;
  const spelled = (kind: keyof ExtensionTable, name: string, value: unknown): Uint8Array => {
    const syntax = table && syntaxOf(table, kind, name);
    if (syntax === undefined) throw new RangeError(`no table says how ${name} is written`);
    const writer = new ResponseWriter(options);
    syntax.write(valueWriter(writer), value);
    return octetsOfPieces(writer.pieces());
  };
  switch (given.type) {
    case 'extension': {
      const { name, number, value } = given;
      const raw = spelled('responses', name, value);
      return number === undefined ? { type: 'unknown', name, raw } : { type: 'unknown', name, number, raw };
    }
    case 'status':
    case 'continuation': {
      const code = given.code as ResponseCode | TableCode<AnyTable> | undefined;
      if (code?.type !== 'extension') return given;
      const value = decodeText(spelled('codes', code.name, code.value));
      return { ...given, code: { type: 'atom', name: code.name, ...(value !== '' && { value }) } };
    }
    case 'fetch':
    case 'uidFetch': {
      // Responses without such items, which are most, are not copied.
      if ((given.items as TableItems<AnyTable>).extensions === undefined) return given;
      const { extensions = {}, ...items } = given.items as TableItems<AnyTable>;
      const raw = Object.entries(extensions)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => ({ name, raw: spelled('fetchItems', name, value) }));
      return { ...given, items: { ...items, raw: [...(items.raw ?? []), ...raw] } };
    }
    default:
      return given;
  }
}

/** A command as it is written, the value of the table spelled. */
export function plainCommand<Table extends ExtensionTable>(
  command: CommandWith<Table>,
  table: Table | undefined,
): Command {
  const given = command as CommandWith<AnyTable>;
  if (given.name !== 'extension') return given;
  const syntax = table && syntaxOf(table, 'commands', given.command);
  if (syntax === undefined) throw new RangeError(`no table says how ${given.command} is written`);
  // Literals are written whole here; they are taken out again where a client must wait.
  const writer = new CommandWriter({ literalPlus: true });
  syntax.write(valueWriter(writer), given.value);
  const raw = octetsOfPieces(writer.pieces());
  return { name: 'X', command: given.command, raw };
}
