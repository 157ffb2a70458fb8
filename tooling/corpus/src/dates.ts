/** A moment and the zone it was written in. The same shape as `InternalDate` of `@posthorn/core`. */
export interface Moment {
  readonly epochSeconds: number;
  readonly offsetMinutes: number;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

/** `Mon, 1 Jan 2024 09:30:00 +0100`. @see RFC 5322 section 3.3 */
export function formatDate({ epochSeconds, offsetMinutes }: Moment): string {
  const local = new Date((epochSeconds + offsetMinutes * 60) * 1000);
  const day = `${DAYS[local.getUTCDay()]}, ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  const zone = Math.abs(offsetMinutes);
  return `${day} ${time} ${offsetMinutes < 0 ? '-' : '+'}${two(Math.trunc(zone / 60))}${two(zone % 60)}`;
}
