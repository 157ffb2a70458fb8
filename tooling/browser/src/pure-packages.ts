/** Packages that promise to run in any JavaScript runtime, and that people import alone. */
export const PURE_PACKAGES = ['core', 'message-set', 'date', 'mailbox-name', 'wire', 'mime', 'threading'] as const;
