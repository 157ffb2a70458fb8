import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The one of the system: one that lies in somebody's home is not there for the user of mail. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

const LIST_WITH_MAILBOX = `
import mailbox, sys
box = mailbox.Maildir(sys.argv[1], factory=None)
box.keys()
found = [(key, name.rpartition(":2,")[2]) for key, name in box._toc.items()]
print(len(found))
`;

const LIST_WITH_SCANDIR = `
import os, sys
found = [entry.name.partition(":2,") for each in ("new", "cur") for entry in os.scandir(os.path.join(sys.argv[1], each))]
print(len(found))
`;

const DELIVER_WITH_MAILBOX = `
import mailbox, os, sys
root, count, path, durable = sys.argv[1:]
if durable == "no": os.fsync = lambda descriptor: None
with open(path, "rb") as file: message = file.read()
box = mailbox.Maildir(root, factory=None)
for _ in range(int(count)): box.add(message)
`;

const LIST_WITH_NODE = `
const { readdirSync } = require('node:fs');
let found = 0;
for (const each of ['new', 'cur'])
  for (const name of readdirSync(process.argv[1] + '/' + each)) found += name.slice(name.lastIndexOf(':2,') + 3).length;
console.log(found);
`;

/** Commands of other programs that do what the store does. */
export const listWithMailbox = (root: string): readonly string[] => [PYTHON, '-c', LIST_WITH_MAILBOX, root];
export const listWithScandir = (root: string): readonly string[] => [PYTHON, '-c', LIST_WITH_SCANDIR, root];
export const listWithNode = (root: string): readonly string[] => [process.execPath, '-e', LIST_WITH_NODE, root];

export function deliverWithMailbox(root: string, messages: number, file: string, fsync: boolean): readonly string[] {
  return [PYTHON, '-c', DELIVER_WITH_MAILBOX, root, String(messages), file, fsync ? 'yes' : 'no'];
}

/** Writes a private configuration and gives the command that works on one Maildir with it. */
export function doveadm(folder: string, root: string): (...args: readonly string[]) => readonly string[] {
  mkdirSync(join(folder, 'run'), { recursive: true });
  const path = join(folder, 'doveadm.conf');
  writeFileSync(path, `base_dir = ${folder}/run\nlog_path = /dev/stderr\nfirst_valid_uid = 1\nssl = no\n`);
  return (...args) => [
    'env',
    'USER=bench',
    `HOME=${folder}`,
    'doveadm',
    '-c',
    path,
    '-o',
    `mail_location=maildir:${root}`,
    ...args,
  ];
}
