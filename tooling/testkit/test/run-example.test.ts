import { expect, test } from 'vitest';
import { runExample } from '../src/index.ts';

test('an example prints, and its comments promise', async () => {
  const source = "console.log('a', [1]); // a [ 1 ]\n  if (isNew) console.log(2); // 2\nconst x = 1; // not this\n";
  const run = await runExample(source, async () => {
    console.log('a', [1]);
    console.log(2);
  });
  expect(run).toEqual({ printed: ['a [ 1 ]', '2'], promised: ['a [ 1 ]', '2'] });
});

test('the console comes back when an example fails', async () => {
  const { log } = console;
  await expect(runExample('', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(console.log).toBe(log);
});
