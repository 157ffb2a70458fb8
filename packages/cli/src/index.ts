/**
 * The command `posthorn` as a function.
 * @module
 */
export { stores } from './endpoint/stores.ts';
export { EXIT, type ExitCode } from './exit-code.ts';
export { describeFailure, type Failure, UsageError } from './failure.ts';
export { type MainOptions, main } from './main.ts';
