import type { Address, Envelope } from '@posthorn/core';
import type { ResponseWriter } from './response-writer.ts';

/** Writes an ENVELOPE. @see RFC 9051 section 7.5.2 */
export function writeEnvelope(writer: ResponseWriter, envelope: Envelope): void {
  const { from, sender, replyTo } = envelope;
  writer.text('(').nstring(envelope.date).text(' ').nstring(envelope.subject).text(' ');
  const start = writer.position;
  writeAddresses(writer, from);
  const end = writer.position;
  // Decoders and scanners share one list where these repeat the first.
  if (sender !== from || !writer.repeat(start, end)) writeAddresses(writer, sender);
  if (replyTo !== from || !writer.repeat(start, end)) writeAddresses(writer, replyTo);
  writeAddresses(writer, envelope.to);
  writeAddresses(writer, envelope.cc);
  writeAddresses(writer, envelope.bcc);
  writer.nstring(envelope.inReplyTo).text(' ').nstring(envelope.messageId).text(')');
}

/** Addresses, and the space behind them. */
function writeAddresses(writer: ResponseWriter, addresses: readonly Address[]): void {
  if (addresses.length === 0) {
    writer.text('NIL ');
    return;
  }
  writer.text('(');
  for (const { name, route, mailbox, host } of addresses) {
    writer
      .text('(')
      .nstring(name)
      .text(' ')
      .nstring(route)
      .text(' ')
      .nstring(mailbox)
      .text(' ')
      .nstring(host)
      .text(')');
  }
  writer.text(') ');
}
