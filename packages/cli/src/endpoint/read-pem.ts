import { readFile } from 'node:fs/promises';
import { UsageError } from '../failure.ts';

/** Reads a file that must hold PEM. @throws {@link UsageError} that names the option. */
export async function readPem(path: string, option: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option}: cannot read ${path}: ${code ?? 'not text'}`, { cause: error });
  }
  if (!text.includes('-----BEGIN ')) throw new UsageError(`${option}: ${path} is not in PEM form`);
  return text;
}
