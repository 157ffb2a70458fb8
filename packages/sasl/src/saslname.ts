/**
 * Names inside messages whose fields are parted by commas.
 * @see RFC 5801 section 4, `saslname`
 * @module
 */

/** `,` and `=` written as `=2C` and `=3D`. */
export function encodeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

/** Undefined when the name is empty or holds another `=`, a comma or NUL. */
export function decodeName(encoded: string): string | undefined {
  if (encoded === '' || encoded.includes(',') || encoded.includes('\0')) return undefined;
  const plain = encoded.replaceAll('=2C', ',').replaceAll('=3D', '\0');
  return plain.includes('=') ? undefined : plain.replaceAll('\0', '=');
}
