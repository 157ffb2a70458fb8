/** Ends a `switch` over a closed union: the compiler refuses it while a case is missing. @throws TypeError always */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected ${JSON.stringify(value)}`);
}
