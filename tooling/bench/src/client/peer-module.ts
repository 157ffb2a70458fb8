import { createRequire } from 'node:module';

const peerRequire = createRequire(new URL('../../peers/package.json', import.meta.url));

/** A module that was installed beside the benchmarks. */
export function peerModule<Exports>(name: string): Exports {
  return peerRequire(name) as Exports;
}
