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
  const line = text.endsWith('\r\n') ? text.slice(0, -2) : text;
  return withoutControls(line.replaceAll('\r\n', ' ')).replace(/(\*\*\*)+/g, '***');
}

function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.');
}

function shown(bytes: Uint8Array): string {
  return bytes.length > MAX_SHOWN_BYTES ? `<${bytes.length} octets>` : decodeText(bytes);
}
