import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratchDirectory } from './support.ts';

/** A Maildir as another program left it: files by path below the root. */
export function maildir(files: Readonly<Record<string, string>>, uidlist?: string): string {
  const root = scratchDirectory();
  for (const place of ['cur', 'new', 'tmp']) mkdirSync(join(root, place));
  const all = uidlist === undefined ? files : { ...files, 'dovecot-uidlist': uidlist };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, 'latin1');
  }
  return root;
}
