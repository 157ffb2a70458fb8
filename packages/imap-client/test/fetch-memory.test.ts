import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { selected, session, settle } from './support.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('messages that the loop is done with are let go, however fast others come (pain 6)', async () => {
  const total = 5000;
  // All in one chunk, so that none of them has to be waited for.
  const answers = Array.from(
    { length: total },
    (_, index) => `* ${index + 1} FETCH (UID ${index + 1} FLAGS (f${index}))`,
  );
  const { client } = await session(`${selected(total)}
    C: {a} UID FETCH 1:* (UID FLAGS)
    S: ${answers.join('{x0d}{x0a}')}
    S: {a} OK done`);
  const inbox = await client.select('INBOX');
  const seen: WeakRef<object>[] = [];
  let held = 0;
  for await (const message of inbox.fetch('1:*', { flags: true })) {
    seen.push(new WeakRef(message));
    if (seen.length % 1000 !== 0) continue;
    // A loop that takes its time finds the queue full.
    await settle();
    collectGarbage();
    held = Math.max(held, seen.filter((reference) => reference.deref() !== undefined).length);
  }
  expect(seen).toHaveLength(total);
  expect(held).toBeLessThan(1000);
});
