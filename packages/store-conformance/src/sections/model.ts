import fc from 'fast-check';
import type { Section } from '../harness.ts';
import { history } from '../history.ts';
import { HistoryRunner } from '../history-runner.ts';

export const modelSection: Section = (test, { propertyRuns }) => {
  test('every history of several sessions ends as it does in a simple model', async ({ account, another }) => {
    const sessions = [account, await another(), await another()];
    let run = 0;
    await fc.assert(
      fc.asyncProperty(history, (steps) => new HistoryRunner(sessions, `run-${run++}`).run(steps)),
      { numRuns: propertyRuns },
    );
  });
};
