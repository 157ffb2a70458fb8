/** A message that its source does not give as it announced it. */
export class BrokenMessageError extends Error {
  override readonly name = 'BrokenMessageError';
}

/** The octets of a body. @throws {@link BrokenMessageError} at the end when they are not as many as announced */
export async function* wholeBody(body: {
  readonly size: number;
  stream(): AsyncIterable<Uint8Array>;
}): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of body.stream()) {
    received += chunk.length;
    yield chunk;
  }
  if (received !== body.size)
    throw new BrokenMessageError(`the server sent ${received} octets of the message instead of ${body.size}`);
}
