import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('the README shows the example that the tests run', async () => {
  const example = await readFile(new URL('../examples/vitest.test.js', import.meta.url), 'utf8');
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`js\n${example}\`\`\``);
});
