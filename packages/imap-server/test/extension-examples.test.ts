/** Examples of extensions that IMAP4rev2 took in: what their own RFCs show. */
import { expect, test } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer, UID_VALIDITY } from './harness.ts';

async function selected(server: TestServer, count: number): Promise<RawClient> {
  const letters = Array.from({ length: count }, (_, index) => message(`${index + 1}`));
  await deliver(await server.account(), ['INBOX'], ...letters);
  const client = await loggedIn(server);
  await client.run('SELECT INBOX');
  return client;
}

test('IDLE: new mail, an expunge in between, an expunge meanwhile (RFC 2177 section 3)', async () => {
  const server = testServer();
  const client = await selected(server, 3);
  const other = await loggedIn(server);
  await other.run('SELECT INBOX');
  await client.write('A002 IDLE\r\n');
  expect(await client.line()).toMatch(/^\+ /);
  await deliver(await server.account(), ['INBOX'], message('4'));
  expect(await client.line()).toBe('* 4 EXISTS');
  expect(await client.line()).toBe('* 4 RECENT');
  await client.write('DONE\r\n');
  expect(await client.until('A002')).toEqual(['OK Done']);
  await other.run('STORE 2 +FLAGS.SILENT (\\Deleted)');
  await other.run('EXPUNGE');
  // The number is that of before: the expunge is not told during a FETCH.
  expect(await client.run('FETCH 4 UID')).toEqual(['* 4 FETCH (UID 4)', 'OK Fetched']);
  await client.write('A004 IDLE\r\n');
  const told: (string | undefined)[] = [];
  const wants = (line: string): boolean => !told.some((each) => each?.startsWith(line));
  while (wants('+ ') || wants('* 2 EXPUNGE')) told.push(await client.line());
  await other.run('STORE 3 +FLAGS.SILENT (\\Deleted)');
  await other.run('EXPUNGE');
  const lines: (string | undefined)[] = [];
  while (lines.at(-1) !== '* 3 EXPUNGE') lines.push(await client.line());
  expect(lines.every((line) => /^\* \d (?:FETCH|EXPUNGE|EXISTS|RECENT)/.test(line ?? ''))).toBe(true);
  await client.write('DONE\r\n');
  expect((await client.until('A004')).at(-1)).toBe('OK Done');
});

test('ID: a list, and nothing (RFC 2971 section 3.1)', async () => {
  const client = await loggedIn(testServer());
  const list = '("name" "sodr" "version" "19.34" "vendor" "Pink Floyd Music Limited")';
  for (const parameters of [list, 'NIL', '("name" NIL)']) {
    expect(await client.run(`ID ${parameters}`)).toEqual(['* ID ("name" "Posthorn")', 'OK Done']);
  }
});

test('CHILDREN: who has some, and who has none (RFC 3348 section 4)', async () => {
  const server = testServer();
  const account = await server.account();
  for (const path of [['Fruit'], ['Fruit', 'Apple'], ['Fruit', 'Banana'], ['Tofu'], ['Vegetable', 'Broccoli']] as const)
    await account.create(path);
  const client = await loggedIn(server);
  expect(await client.run('LIST "" "*"')).toEqual([
    '* LIST (\\HasNoChildren) "/" INBOX',
    '* LIST (\\HasChildren) "/" Fruit',
    '* LIST (\\HasNoChildren) "/" Fruit/Apple',
    '* LIST (\\HasNoChildren) "/" Fruit/Banana',
    '* LIST (\\HasNoChildren) "/" Tofu',
    '* LIST (\\Noselect \\HasChildren) "/" Vegetable',
    '* LIST (\\HasNoChildren) "/" Vegetable/Broccoli',
    'OK Done',
  ]);
  expect(await client.run('LIST "" "%"')).toHaveLength(5);
});

test('UNSELECT leaves what is deleted (RFC 3691 section 2)', async () => {
  const client = await selected(testServer(), 2);
  await client.run('STORE 1 +FLAGS.SILENT (\\Deleted)');
  expect(await client.run('UNSELECT')).toEqual(['OK Closed']);
  expect(await client.run('STATUS INBOX (MESSAGES DELETED)')).toContain('* STATUS INBOX (MESSAGES 2 DELETED 1)');
});

test('UID EXPUNGE, APPENDUID and COPYUID (RFC 4315 sections 2.1 and 3)', async () => {
  const server = testServer();
  const client = await selected(server, 6);
  await client.run('STORE 3:6 +FLAGS.SILENT (\\Deleted)');
  const gone = (await client.run('UID EXPUNGE 3:5')).filter((line) => /EXPUNGE$/.test(line));
  // From the last to the first, which keeps their numbers as they were.
  expect(gone.toSorted()).toEqual(['* 3 EXPUNGE', '* 4 EXPUNGE', '* 5 EXPUNGE']);
  expect(await client.run('UID SEARCH ALL')).toEqual(['* SEARCH 1 2 6', 'OK Searched']);
  expect((await client.run('APPEND INBOX (\\Seen) {4+}\r\na: b')).at(-1)).toBe(
    `OK [APPENDUID ${UID_VALIDITY} 7] APPEND completed`,
  );
  await client.run('CREATE meeting');
  expect((await client.run('COPY 2:4 meeting')).at(-1)).toMatch(/^OK \[COPYUID \d+ 2,6:7 1:3\] /);
  expect((await client.run('UID COPY 505 meeting')).at(-1)).toMatch(/^OK (?!\[COPYUID)/);
});

test('WITHIN: young and old (RFC 5032 section 4)', async () => {
  const server = testServer();
  const client = await selected(server, 1);
  expect((await client.run('APPEND INBOX " 1-Jan-2001 00:00:00 +0000" {4+}\r\na: b')).at(-1)).toMatch(/^OK /);
  const now = `"${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, '$1-$2-$3 $4 +0000')}"`;
  expect((await client.run(`APPEND INBOX ${now} {4+}\r\na: b`)).at(-1)).toMatch(/^OK /);
  expect(await client.run('SEARCH UNSEEN YOUNGER 259200')).toEqual([expect.stringMatching(/3$/), 'OK Searched']);
  expect(await client.run('SEARCH 2:3 OLDER 259200')).toEqual(['* SEARCH 2', 'OK Searched']);
  expect((await client.run('SEARCH YOUNGER 0')).at(-1)).toMatch(/^BAD /);
});
