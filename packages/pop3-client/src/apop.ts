import { createHash } from 'node:crypto';
import { utf8Bytes } from '@posthorn/core';
import { prepareText } from '@posthorn/sasl';

/**
 * The digest of APOP: of the time stamp in the greeting and the password, in hexadecimal digits. MD5 is broken, and who
 * chooses the time stamp can learn of the password (CVE-2007-1558), so this is for servers that offer nothing else, and
 * over TLS.
 *
 * @param timestamp - As in the greeting, with its angle brackets.
 * @see RFC 1939 section 7
 */
export async function apopDigest(timestamp: string, password: string): Promise<string> {
  const prepared = await prepareText(password);
  return createHash('md5')
    .update(utf8Bytes(`${timestamp}${prepared}`))
    .digest('hex');
}
