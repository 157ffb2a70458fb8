import { readFileSync } from 'node:fs';
import { runExample } from '@posthorn/testkit';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test.each(['first', 'extensions'])('the example %s of the README prints what it says', async (name) => {
  const example = read(`../examples/${name}.ts`);
  expect(read('../README.md')).toContain(`\`\`\`ts\n${example}\`\`\``);
  const { printed, promised } = await runExample(example, () => import(`../examples/${name}.ts`));
  expect(promised.length).toBeGreaterThan(0);
  expect(printed).toEqual(promised);
});
