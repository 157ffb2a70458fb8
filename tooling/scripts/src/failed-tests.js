// Prints what went wrong in the last `turbo run test --summarize`, so that it stands at the end of a long log: for each
// package that failed its failed tests, or the end of its log when no test did (a worker that died, say). Prints the
// names of these packages alone with `--names`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** @typedef {{ name: string, directory: string, log: string | undefined }} FailedPackage */
/** @typedef {{ task: string, package: string, directory: string, logFile?: string, execution?: { exitCode: number } }} Task */
/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} TestResult */
/** @typedef {{ status: string, message: string, name: string, assertionResults: TestResult[] }} FileResult */

const LOG_LINES = 60;
const MESSAGE_LINES = 12;

/**
 * The packages whose tests failed in the last run.
 * @param {string} root - The workspace
 * @returns {FailedPackage[]}
 */
export function failedPackages(root) {
  const runs = join(root, '.turbo/runs');
  if (!existsSync(runs)) return [];
  const newest = readdirSync(runs)
    .map((name) => join(runs, name))
    .sort((left, right) => statSync(left).mtimeMs - statSync(right).mtimeMs)
    .at(-1);
  if (newest === undefined) return [];
  /** @type {{ tasks: Task[] }} */
  const { tasks } = JSON.parse(readFileSync(newest, 'utf8'));
  return tasks
    .filter(({ task, execution }) => task === 'test' && execution !== undefined && execution.exitCode !== 0)
    .map(({ package: name, directory, logFile }) => ({
      name,
      directory: join(root, directory),
      // Of tasks that are never cached there is none.
      log: logFile === undefined ? undefined : join(root, logFile),
    }));
}

/**
 * What is worth reading of the failure of one package.
 * @param {FailedPackage} failed
 * @returns {string[]} Lines
 */
export function explain({ name, directory, log }) {
  const tests = failedTests(join(directory, '.test-report.json'));
  if (tests.length > 0) return [`${name}:`, ...tests];
  if (log === undefined || !existsSync(log)) return [`${name}: no test failed, but the run did; see above`];
  const lines = stripVTControlCharacters(readFileSync(log, 'utf8')).split('\n');
  const tail = lines.filter((line) => !/^\s*[✓↓]/.test(line)).slice(-LOG_LINES);
  return [`${name}: no test failed, but the run did; its log ends with`, ...tail];
}

/**
 * @param {string} report
 * @returns {string[]}
 */
function failedTests(report) {
  if (!existsSync(report)) return [];
  /** @type {{ testResults: FileResult[] }} */
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return testResults.flatMap(({ assertionResults, status, message, name: file }) => {
    const failed = assertionResults.filter((each) => each.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`  ${file}`, shortened(message)] : [];
    return failed.flatMap(({ fullName, failureMessages }) => [`  ${fullName}`, shortened(failureMessages.join('\n'))]);
  });
}

/** @param {string} message */
function shortened(message) {
  return stripVTControlCharacters(message)
    .split('\n')
    .slice(0, MESSAGE_LINES)
    .map((line) => `    ${line}`)
    .join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const failed = failedPackages(fileURLToPath(new URL('../../../', import.meta.url)));
  const lines = process.argv.includes('--names') ? failed.map(({ name }) => name) : failed.flatMap(explain);
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}
