import { decodeText } from '@posthorn/core';
import type { CommandPiece } from './command-writer.ts';

const MAX_SHOWN_BYTES = 1024;

/**
 * A command for logs and errors: secrets as `***`, messages and long literals as their size, controls as dots.
 */
export function redactedText(pieces: readonly CommandPiece[]): string {
  let text = '';
  for (const piece of pieces) {
    if (piece.type === 'message') text += `<${piece.size} octets>`;
    else if (piece.type === 'bytes') text += piece.isSecret ? '***' : shown(piece.bytes);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters replaced
  return text
    .replace(/\r\n$/, '')
    .replaceAll('\r\n', ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '.')
    .replace(/(\*\*\*)+/g, '***');
}

function shown(bytes: Uint8Array): string {
  return bytes.length > MAX_SHOWN_BYTES ? `<${bytes.length} octets>` : decodeText(bytes);
}
