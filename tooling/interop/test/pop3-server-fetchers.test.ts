import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '@posthorn/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import {
  missingServer,
  type Pop3Maildrop,
  type ProgramResult,
  pop3Mail,
  runProgram,
  startPop3Maildrop,
} from '../src/index.ts';

/** How a connection is secured, and how the program logs in over it. */
interface Way {
  readonly security: 'none' | 'stls' | 'tls';
  readonly auth: string;
}

/** A program that brings mail from a maildrop into files. */
interface Fetcher {
  readonly name: string;
  readonly packages: string;
  readonly ways: readonly Way[];
  /** Fetches what is new into `target`; leaves it on the server with `keep`. */
  fetch(program: string, maildrop: Pop3Maildrop, way: Way, keep: boolean, target: string): Promise<ProgramResult>;
}

/** A program that writes the message on its standard input to a file of its own. */
async function deliveryScript(folder: string, target: string): Promise<string> {
  const script = join(folder, 'deliver.sh');
  await writeFile(script, `#!/bin/sh\nexec cat > "${target}/$$"\n`, { mode: 0o700 });
  return script;
}

const fetchmail: Fetcher = {
  name: 'fetchmail',
  packages: 'fetchmail',
  ways: [
    { security: 'none', auth: 'password' },
    { security: 'none', auth: 'apop' },
    { security: 'stls', auth: 'password' },
    { security: 'tls', auth: 'password' },
  ],
  async fetch(program, { port, securePort, user, password, caFile, folder }, { security, auth }, keep, target) {
    const secure = security === 'none' ? "sslproto ''" : `sslproto 'auto' ${security === 'tls' ? 'ssl' : ''}`;
    const mda = await deliveryScript(folder, target);
    const rc = join(folder, 'fetchmailrc');
    await writeFile(
      rc,
      `set invisible
set no bouncemail
poll localhost service ${security === 'tls' ? securePort : port} proto ${auth === 'apop' ? 'apop' : 'pop3'} uidl
  user "${user}" password "${password}" ${secure} sslcertfile "${caFile}" sslcertck
  no rewrite stripcr mda "${mda}" ${keep ? 'keep' : 'nokeep'}\n`,
      { mode: 0o600 },
    );
    const args = [
      '--nodetach',
      '--nosyslog',
      '-f',
      rc,
      '-i',
      join(folder, 'fetchids'),
      '--pidfile',
      join(folder, 'pid'),
    ];
    return runProgram(program, args, { env: { HOME: folder, FETCHMAILHOME: folder } });
  },
};

const getmail: Fetcher = {
  name: 'getmail',
  packages: 'getmail6',
  ways: [
    { security: 'none', auth: 'password' },
    { security: 'none', auth: 'apop' },
    { security: 'tls', auth: 'password' },
  ],
  async fetch(program, { port, securePort, user, password, caFile, folder }, { security, auth }, keep, target) {
    const mda = await deliveryScript(folder, target);
    const rc = join(folder, 'getmailrc');
    const retriever = security === 'tls' ? 'SimplePOP3SSLRetriever' : 'SimplePOP3Retriever';
    await writeFile(
      rc,
      `[retriever]
type = ${retriever}
timeout = 5
server = localhost
port = ${security === 'tls' ? securePort : port}
username = ${user}
password = ${password}
use_apop = ${auth === 'apop'}
${security === 'tls' ? `ca_certs = ${caFile}` : ''}
[destination]
type = MDA_external
path = ${mda}
unixfrom = false
allow_root_commands = true
[options]
read_all = false
delete = ${!keep}
delivered_to = false
received = false
verbose = 0
`,
    );
    return runProgram(program, ['--getmaildir', folder, '--rcfile', rc], { env: { HOME: folder } });
  },
};

const mpop: Fetcher = {
  name: 'mpop',
  packages: 'mpop',
  ways: [
    { security: 'none', auth: 'user' },
    { security: 'none', auth: 'apop' },
    { security: 'none', auth: 'cram-md5' },
    { security: 'stls', auth: 'plain' },
    { security: 'tls', auth: 'login' },
  ],
  async fetch(program, { port, securePort, user, password, caFile, folder }, { security, auth }, keep, target) {
    for (const part of ['cur', 'new', 'tmp']) await mkdir(join(target, part), { recursive: true });
    const secret = join(folder, 'secret');
    await writeFile(secret, `${password}\n`, { mode: 0o600 });
    const tls =
      security === 'none'
        ? ['--tls=off']
        : ['--tls=on', `--tls-starttls=${security === 'stls' ? 'on' : 'off'}`, `--tls-trust-file=${caFile}`];
    return runProgram(
      program,
      [
        '--host=localhost',
        `--port=${security === 'tls' ? securePort : port}`,
        `--user=${user}`,
        `--passwordeval=cat ${secret}`,
        `--auth=${auth}`,
        '--received-header=off',
        ...['--timeout=20', '--quiet', `--keep=${keep ? 'on' : 'off'}`, '--only-new=on'],
        `--uidls-file=${join(folder, 'uidls')}`,
        `--delivery=maildir,${target}`,
        ...tls,
      ],
      { env: { HOME: folder } },
    );
  },
};

/** All files below a folder. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) texts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
  }
  return texts;
}

/** A message as files have it: LF, and one at its end. Fields of the header may be folded otherwise, and elsewhere. */
function asFile(text: string): string {
  const file = text.replaceAll('\r\n', '\n').replace(/\n*$/, '\n');
  const end = file.indexOf('\n\n');
  const [header, body] = end < 0 ? [file, ''] : [file.slice(0, end), file.slice(end)];
  const fields = header
    .replaceAll(/\s*\n[ \t]+/g, ' ')
    .split('\n')
    .filter((field) => !field.startsWith('Return-Path:'));
  return fields.toSorted().join('\n') + body;
}

let maildrop: Pop3Maildrop | undefined;
afterEach(async () => {
  await maildrop?.stop();
  maildrop = undefined;
});

const mail = pop3Mail();
const cases = (['memory', 'maildir'] as const).flatMap((kind) =>
  [fetchmail, getmail, mpop].map((fetcher) => ({ kind, fetcher, name: fetcher.name })),
);
for (const { name, packages } of [fetchmail, getmail, mpop]) {
  if (findProgram([name]) === undefined) missingServer(name, packages);
}

describe.each(cases)('$name, over $kind', ({ kind, fetcher, name }) => {
  const program = findProgram([name]);

  it.skipIf(program === undefined).each(fetcher.ways)(
    'fetches all, then what is new, then deletes: security $security, login $auth',
    // getmail now and then does not notice that the program it delivers with has ended.
    { timeout: 120_000, retry: name === 'getmail' ? 4 : 0 },
    async (way) => {
      await maildrop?.stop();
      maildrop = await startPop3Maildrop(kind, mail, { apop: /apop|cram/.test(way.auth) });
      const run = async (round: string, keep: boolean): Promise<readonly string[]> => {
        const target = join(maildrop!.folder, round);
        await mkdir(target, { recursive: true });
        const { stdout, stderr, exitCode } = await fetcher.fetch(program!, maildrop!, way, keep, target);
        // fetchmail ends with 1 when there is nothing new.
        expect([0, 1], `${stdout}${stderr}`).toContain(exitCode);
        const texts = await filesIn(target);
        if (exitCode === 1) expect(texts, `${stdout}${stderr}`).toEqual([]);
        return texts.map(asFile).toSorted();
      };
      const expected = (texts: readonly string[]): readonly string[] => texts.map(asFile).toSorted();

      expect(await run('first', true)).toEqual(expected(mail));
      expect(await maildrop.messages()).toEqual(mail);
      expect(await run('second', true)).toEqual([]);
      const news = mail[0]!.replace('Subject: dots', 'Subject: news');
      await maildrop.deliver(news);
      expect(await run('third', true)).toEqual(expected([news]));
      await maildrop.deliver(news);
      expect(await run('last', false)).toEqual(expected([news]));
    },
  );

  it.skipIf(program === undefined)(
    'leaves nothing when it need not keep anything',
    {
      timeout: 120_000,
      retry: name === 'getmail' ? 4 : 0,
    },
    async () => {
      await maildrop?.stop();
      maildrop = await startPop3Maildrop(kind, mail, { apop: false });
      const target = join(maildrop.folder, 'all');
      await mkdir(target, { recursive: true });
      const { exitCode, stderr } = await fetcher.fetch(program!, maildrop, fetcher.ways.at(-1)!, false, target);
      expect(exitCode, stderr).toBe(0);
      expect((await filesIn(target)).map(asFile).toSorted()).toEqual(mail.map(asFile).toSorted());
      expect(await maildrop.messages()).toEqual([]);
    },
  );
});
