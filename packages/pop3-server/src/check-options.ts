import type { SessionOptions } from './session.ts';

/** What may stand behind `@` in a message id. */
const HOST_NAME = /^[\x21-\x3b\x3d\x3f\x41-\x7e]{1,255}$/;

/** @throws RangeError for an option that no client could be told. */
export function checkOptions({ loginDelaySeconds = 0, expireDays = 1, hostName = 'localhost' }: SessionOptions): void {
  if (!Number.isSafeInteger(loginDelaySeconds) || loginDelaySeconds < 0)
    throw new RangeError(`loginDelaySeconds is a whole number from 0, not ${loginDelaySeconds}`);
  if (!Number.isSafeInteger(expireDays) || expireDays < 1)
    throw new RangeError(`expireDays is a whole number from 1, not ${expireDays}; leave it out for never`);
  if (!HOST_NAME.test(hostName))
    throw new RangeError('hostName holds printable ASCII without spaces, "<", ">" and "@"');
}
