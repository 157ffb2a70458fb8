/**
 * A mail store in memory.
 * @module
 */
export type { AccountLimits } from './account-quota.ts';
export type { FaultPoint } from './account-state.ts';
export { type MemoryStore, type MemoryStoreOptions, memoryStore, restoreMemoryStore } from './memory-store.ts';
