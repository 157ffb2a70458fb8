import { bad, type Completion, no, ok, tagged } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';

/**
 * Compresses both directions from here on.
 * @see RFC 4978
 */
export async function compress(session: Session, tag: string, algorithm: string): Promise<Completion> {
  const { output, transport } = session;
  if (session.isCompressed) return no('The connection is compressed already', 'COMPRESSIONACTIVE');
  if (algorithm.toUpperCase() !== 'DEFLATE' || !session.canCompress) return bad('That compression is not offered');
  // Whoever sends before the answer does not know whether to compress it.
  if (session.input.hasUnreadInput) session.input.endWith('Nothing may follow COMPRESS before its answer');
  const completion = ok('Compressing');
  output.send(tagged(tag, completion));
  await output.flush();
  await transport.startDeflate();
  session.isCompressed = true;
  return completion;
}
