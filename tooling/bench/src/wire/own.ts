import type { Uid } from '@posthorn/core';
import {
  type Command,
  CommandDecoder,
  encodeCommand,
  encodeResponse,
  type FetchData,
  ResponseDecoder,
  type ResponseEvent,
} from '@posthorn/wire';

/** Decodes answers and hands every event out. The messages of a mailbox are streamed, not kept. */
export function decode(chunks: readonly Uint8Array[], onEvent: (event: ResponseEvent) => void): void {
  const decoder = new ResponseDecoder({ maxInlineLiteralBytes: 1024 });
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) onEvent(event);
  }
}

/** The FETCH responses among answers. */
export function fetchesIn(chunks: readonly Uint8Array[]): readonly FetchData[] {
  const fetches: FetchData[] = [];
  decode(chunks, (event) => {
    if (event.type === 'fetch') fetches.push(event);
  });
  return fetches;
}

/** Octets of the responses as a server writes them. */
export function encodeAll(fetches: readonly FetchData[]): number {
  let octets = 0;
  for (const fetch of fetches)
    for (const piece of encodeResponse(fetch)) if (piece.type === 'bytes') octets += piece.bytes.length;
  return octets;
}

/** How many commands were read. */
export function decodeCommands(chunks: readonly Uint8Array[]): number {
  const decoder = new CommandDecoder();
  let count = 0;
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.type !== 'command' || event.diagnostics !== undefined) throw new Error(`unexpected ${event.type}`);
      count += 1;
    }
  }
  return count;
}

/** What a client says that works through the messages of a mailbox one by one. */
export function clientCommands(fetches: readonly FetchData[]): Buffer {
  const written: Uint8Array[] = [];
  const inbox = { text: 'Archive/2024', wire: 'Archive/2024' };
  fetches.forEach(({ items }, index) => {
    const set = { ranges: [{ first: items.uid as Uid, last: items.uid as Uid }] };
    const messages = { type: 'uids', set } as const;
    const commands: readonly Command[] = [
      {
        name: 'FETCH',
        messages,
        items: [
          { type: 'uid' },
          { type: 'flags' },
          { type: 'internalDate' },
          { type: 'size' },
          { type: 'envelope' },
          { type: 'bodyStructure' },
          {
            type: 'section',
            section: { part: [], text: 'HEADER.FIELDS', fields: ['References', 'List-Id'] },
            peek: true,
          },
        ],
      },
      { name: 'STORE', messages, operation: 'add', isSilent: true, flags: ['\\Seen', '$Label1'] },
      { name: 'COPY', messages, mailbox: inbox },
      { name: 'NOOP' },
    ];
    for (const [place, command] of commands.entries())
      for (const piece of encodeCommand(`A${index * commands.length + place}`, command))
        if (piece.type === 'bytes') written.push(piece.bytes);
  });
  return Buffer.concat(written);
}
