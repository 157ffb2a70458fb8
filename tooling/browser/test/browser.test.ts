import { findProgram, isMandatory, missingProgram } from '@posthorn/testkit';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Site, serve } from '../src/serve.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = findProgram(['chromium', 'chromium-browser', 'google-chrome']);
if (executablePath === undefined) missingProgram('Chromium', 'chromium');

describe.skipIf(executablePath === undefined && !isMandatory)('the built packages in Chromium', () => {
  let site: Site;
  let result: unknown;
  const complaints: string[] = [];

  beforeAll(async () => {
    site = await serve();
    const browser = await chromium.launch({ executablePath: executablePath!, args: FLAGS });
    try {
      const page = await browser.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('requestfailed', (request) => complaints.push(request.url()));
      await page.goto(site.url);
      await page.waitForFunction('globalThis.result !== undefined', undefined, { timeout: 20_000 }).catch(() => {});
      result = await page.evaluate('globalThis.result');
    } finally {
      await browser.close();
    }
  }, 60_000);
  afterAll(() => site?.close());

  it('load without a complaint', () => {
    expect(complaints).toEqual([]);
  });

  it('do there what they do in Node', () => {
    expect(result).toMatchObject({
      isNode: false,
      types: ['status', 'list', 'fetch', 'status'],
      listed: { text: 'Entwürfe', wire: 'Entw&APw-rfe' },
      fetched: {
        uid: 7,
        flags: ['\\Seen'],
        internalDate: { offsetMinutes: -420 },
        size: 21,
        text: 'Subject: hi\r\n\r\ntext\r\n',
      },
      reencoded: 1,
      command: [
        { type: 'command', tag: 'A1', command: { name: 'FETCH', items: [{ type: 'uid' }, { type: 'envelope' }] } },
      ],
      refused: 'WIRE_SYNTAX',
      set: '1:5,9',
      count: 4_294_967_295,
      date: '17-Jul-1996 02:44:25 -0700',
      messageDate: { epochSeconds: 837_595_405, offsetMinutes: -420 },
      name: 'Entw&APw-rfe',
      mail: { subject: 'Café', preview: 'текнт' },
      sorted: [2, 1],
      threads: [{ number: 1, children: [{ number: 2, children: [] }] }],
      matches: true,
    });
  });
});
