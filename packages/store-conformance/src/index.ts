/**
 * The promises of a mail store as one suite of tests.
 * @module
 */
export { ConformanceError } from './expect.ts';
export type { OpenedStore, StoreConformanceOptions } from './harness.ts';
export { storeConformance } from './store-conformance.ts';
