import type { InternalDate } from '@posthorn/core';
import { parseMessageDate } from '@posthorn/date';

/** When a message arrived by its own account: the newest Received field with a date, else Date. */
export function arrivalDate(header: string): InternalDate | undefined {
  let newest: InternalDate | undefined;
  let written: InternalDate | undefined;
  for (const field of fieldsOf(header)) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).trim().toLowerCase();
    if (name === 'received') {
      const date = parseMessageDate(field.slice(field.lastIndexOf(';') + 1).trim());
      if (date !== undefined && (newest === undefined || date.epochSeconds > newest.epochSeconds)) newest = date;
    } else if (name === 'date') written ??= parseMessageDate(field.slice(colon + 1).trim());
  }
  return newest ?? written;
}

/** The fields of a header, unfolded. */
function fieldsOf(header: string): readonly string[] {
  const fields: string[] = [];
  for (const line of header.split(/\r\n|\n|\r/)) {
    if (line === '') break;
    if (/^[ \t]/.test(line) && fields.length > 0) fields.push(`${fields.pop()} ${line.trim()}`);
    else fields.push(line);
  }
  return fields;
}
