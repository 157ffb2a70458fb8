// Prints how many tests passed and failed in the last run of every package, as `PASSED FAILED`.
// Fails when there is no report at all.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
let passed = 0;
let failed = 0;
let reports = 0;
for (const group of ['packages', 'tooling']) {
  for (const name of readdirSync(root + group)) {
    const path = `${root}${group}/${name}/.test-report.json`;
    if (!existsSync(path)) continue;
    const report = JSON.parse(readFileSync(path, 'utf8'));
    reports += 1;
    passed += report.numPassedTests;
    failed += report.numFailedTests;
  }
}
if (reports === 0) process.exit(1);
process.stdout.write(`${passed} ${failed}\n`);
