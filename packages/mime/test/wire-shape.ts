import type { Address, BodyParameters, BodyStructure, Envelope } from '@posthorn/core';

/** A value as IMAP sends it: NIL, a string or number, a list. */
export type Plain = null | string | readonly Plain[];

/** An envelope in the order and shape of RFC 9051 section 7.5.2. */
export function plainEnvelope(envelope: Envelope): Plain {
  const { date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId } = envelope;
  return [date, subject, ...[from, sender, replyTo, to, cc, bcc].map(plainAddresses), inReplyTo, messageId];
}

export function plainAddresses(addresses: readonly Address[]): Plain {
  if (addresses.length === 0) return null;
  return addresses.map(({ name, route, mailbox, host }) => [name, route, mailbox, host]);
}

function plainParameters(parameters: BodyParameters): Plain {
  return parameters.length === 0 ? null : parameters.flat();
}

/** A body structure in the order and shape of RFC 9051 section 7.5.2. */
export function plainStructure(body: BodyStructure): Plain {
  const { disposition, language, location } = body;
  const extension: Plain[] = [
    disposition == null ? null : [disposition.type, plainParameters(disposition.parameters)],
    language ?? null,
    location ?? null,
  ];
  if (body.type === 'multipart') {
    return [...body.parts.map(plainStructure), body.mediaSubtype, plainParameters(body.parameters ?? []), ...extension];
  }
  const plain: Plain[] = [
    body.mediaType,
    body.mediaSubtype,
    plainParameters(body.parameters),
    body.id,
    body.description,
    body.encoding,
    String(body.size),
  ];
  if (body.type === 'message') plain.push(plainEnvelope(body.envelope), plainStructure(body.body));
  if (body.type !== 'basic') plain.push(String(body.lines));
  return [...plain, body.md5 ?? null, ...extension];
}
