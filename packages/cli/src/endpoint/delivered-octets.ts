const FROM_LINE = Buffer.from('From ');
const LINE_FEED = 0x0a;

/**
 * A message as a mail system hands it over, without the line `From …` that some put before its header: it belongs to
 * the mbox format and is no part of the message.
 */
export async function* deliveredOctets(source: AsyncIterable<Uint8Array | string>): AsyncIterable<Uint8Array> {
  let start: Buffer | undefined = Buffer.alloc(0);
  let isDropping = false;
  for await (const each of source) {
    let chunk = typeof each === 'string' ? Buffer.from(each) : Buffer.from(each.buffer, each.byteOffset, each.length);
    if (start !== undefined) {
      start = Buffer.concat([start, chunk]);
      if (start.length < FROM_LINE.length) continue;
      isDropping = start.subarray(0, FROM_LINE.length).equals(FROM_LINE);
      chunk = start;
      start = undefined;
    }
    if (isDropping) {
      const end = chunk.indexOf(LINE_FEED);
      if (end < 0) continue;
      chunk = chunk.subarray(end + 1);
      isDropping = false;
    }
    if (chunk.length > 0) yield chunk;
  }
  if (start !== undefined && start.length > 0) yield start;
}
