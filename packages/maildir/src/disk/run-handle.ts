/** How a handle runs its methods: not when it was closed, and with the errors of a store. */
export type RunHandle = <Result>(signal: AbortSignal | undefined, work: () => Promise<Result>) => Promise<Result>;
