/**
 * Text from elsewhere as it may stand in one line of a terminal: control characters, line ends of any kind and marks
 * that change the direction of writing become spaces.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}
