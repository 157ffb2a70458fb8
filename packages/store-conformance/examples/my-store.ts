import { type MailStore, StoreError } from '@posthorn/core';

/** Stands for the store that is to be tested: this one cannot even open an account. */
export function myStore(): MailStore {
  const close = async (): Promise<void> => {};
  return {
    traits: { durableModSeq: false, crossProcess: false, maxKeywords: undefined, keepsZone: true },
    open: async () => {
      throw new StoreError('STORE_UNAVAILABLE', 'not written yet');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
