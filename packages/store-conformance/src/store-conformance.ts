import { type Effort, runTest, type Section, type StoreConformanceOptions, type Test } from './harness.ts';
import { abortSection } from './sections/abort.ts';
import { accountPartSection } from './sections/account-parts.ts';
import { appendSection } from './sections/append.ts';
import { bodySection } from './sections/bodies.ts';
import { byteSection } from './sections/bytes.ts';
import { changeSection } from './sections/changes.ts';
import { concurrencySection } from './sections/concurrency.ts';
import { expungeSection } from './sections/expunge.ts';
import { faultSection } from './sections/faults.ts';
import { flagSection } from './sections/flags.ts';
import { handleSection } from './sections/handles.ts';
import { isolationSection } from './sections/isolation.ts';
import { metadataSection } from './sections/metadata.ts';
import { modelSection } from './sections/model.ts';
import { nameSection } from './sections/names.ts';
import { recentSection } from './sections/recent.ts';
import { restartSection } from './sections/restart.ts';
import { statusSection } from './sections/status.ts';
import { transferSection } from './sections/transfer.ts';
import { treeSection } from './sections/tree.ts';
import { uidSection } from './sections/uids.ts';
import { validitySection } from './sections/validity.ts';
import { watchSection } from './sections/watch.ts';

const SECTIONS: Readonly<Record<string, Section>> = {
  'octets come back as they were': byteSection,
  'opened bodies stay': bodySection,
  'UIDs name one message for ever': uidSection,
  'UIDVALIDITY only grows': validitySection,
  'append adds all or nothing': appendSection,
  'an abort leaves nothing half done': abortSection,
  'a failing disk or a crash leaves nothing half done': faultSection,
  'many at once': concurrencySection,
  'changes tell what happened': changeSection,
  'store changes flags': flagSection,
  'expunge removes what it is told': expungeSection,
  'transfer copies and moves': transferSection,
  'scan gives metadata': metadataSection,
  'watch never misses a change': watchSection,
  'claimRecent hands out each message once': recentSection,
  'the tree of mailboxes': treeSection,
  'names come back or are refused': nameSection,
  'figures are right': statusSection,
  'what an account offers beside mail': accountPartSection,
  handles: handleSection,
  'accounts are apart': isolationSection,
  'after a restart': restartSection,
  'random histories': modelSection,
};

/**
 * Defines the tests that every `MailStore` must pass, with the `describe` and `it` of any test runner. Each test
 * opens a store of its own. Call it at the top of a test file.
 */
export function storeConformance(options: StoreConformanceOptions): void {
  const { name, describe, it, propertyRuns = 25, bulkMessages = 1_000 } = options;
  const test: Test = (claim, body) => {
    it(claim, () => runTest(options, body));
  };
  const effort: Effort = { propertyRuns, bulkMessages };
  describe(`${name} keeps the promises of a mail store`, () => {
    for (const [title, section] of Object.entries(SECTIONS)) describe(title, () => section(test, effort));
  });
}
