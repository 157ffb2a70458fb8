// Prints what each pure package costs a web page: pnpm --filter @posthorn/browser size
import { bundleSizes, wirePartSizes } from './bundle-size.ts';

const kilobytes = (octets: number): string => (octets / 1000).toFixed(1);

console.log('| package | alone, kB | with what it imports, kB |');
console.log('| --- | ---: | ---: |');
for (const { name, alone, whole } of await bundleSizes())
  console.log(`| ${name} | ${kilobytes(alone)} | ${kilobytes(whole)} |`);

console.log('\n| of wire | with what it imports, kB |');
console.log('| --- | ---: |');
for (const { name, whole } of await wirePartSizes()) console.log(`| ${name} | ${kilobytes(whole)} |`);
