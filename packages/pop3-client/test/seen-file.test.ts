import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSeenFile } from '../src/index.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pop3-seen-'));
  path = join(folder, 'deep', 'seen.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

const message = (key: string, missingSince?: number) => ({
  key,
  storedAt: 1,
  octets: 2,
  ...(missingSince === undefined ? {} : { missingSince }),
});

async function contents(): Promise<string[]> {
  const seen = await openSeenFile(path);
  const keys = [...seen.entries()].map(({ key }) => key).sort();
  await seen.close();
  return keys;
}

describe('a file of what was downloaded', () => {
  test('remembers', async () => {
    const seen = await openSeenFile(path);
    await seen.put([message('a'), message('b', 7)]);
    await Promise.all([seen.put([message('c')]), seen.delete(['a'])]);
    await seen.close();
    await seen.close();
    const again = await openSeenFile(path);
    expect([...again.entries()]).toEqual([
      { key: 'b', storedAt: 1, octets: 2, missingSince: 7 },
      { key: 'c', storedAt: 1, octets: 2, missingSince: undefined },
    ]);
    await again.close();
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3);
  });

  test('remembers what was put also when it is never closed', async () => {
    const seen = await openSeenFile(path);
    await seen.put([message('a')]);
    await seen.put([message('b')]);
    expect(await contents()).toEqual(['a', 'b']);
    await seen.close();
  });

  test('holds any key', async () => {
    const keys = ['__proto__', '../../etc/passwd', '"', '\\', '\n', '\u2028', ''];
    const seen = await openSeenFile(path);
    await seen.put(keys.map((key) => message(key)));
    await seen.close();
    expect(await contents()).toEqual(keys.toSorted());
  });

  test('survives being cut anywhere, and goes on', async () => {
    const seen = await openSeenFile(path);
    await seen.put([message('a')]);
    await seen.put([message('b')]);
    const whole = await readFile(path);
    await seen.close();
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(path, whole);
      await truncate(path, length);
      const before = await contents();
      expect([[], ['a'], ['a', 'b']]).toContainEqual(before);
      const again = await openSeenFile(path);
      await again.put([message('z')]);
      await again.close();
      expect(await contents()).toEqual([...before, 'z']);
    }
  });

  test.each(['something else\n', '{"posthornSeen":2}\n', '{"posthornSeen":1}\nnot json\n'])(
    'is not %j',
    async (text) => {
      await mkdir(join(folder, 'deep'));
      await writeFile(path, text);
      await expect(openSeenFile(path)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );

  test('that cannot be opened is an error of a store', async () => {
    await expect(openSeenFile(folder)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
