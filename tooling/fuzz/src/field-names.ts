import type { Section } from '@posthorn/wire';

/**
 * Whether a section names header fields that no message can have. The grammar lets them have any name; encoders
 * refuse such a name.
 * @see RFC 9051 section 9, `header-fld-name`
 */
export function hasImpossibleField({ fields }: Section): boolean {
  return fields?.some((name) => !/^[!-9;-~]+$/.test(name)) === true;
}
