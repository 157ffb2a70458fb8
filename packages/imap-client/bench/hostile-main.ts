import { DATA_SCENARIOS } from './hostile/data-scenarios.ts';
import { playScenario } from './hostile/scenario.ts';
import { TLS_SCENARIOS } from './hostile/tls-scenarios.ts';

const only = process.argv[2];
for (const s of [...TLS_SCENARIOS, ...DATA_SCENARIOS]) {
  if (only && !s.attack.includes(only)) continue;
  const v = await playScenario(s);
  if (!v.isRight || v.milliseconds > 4000 || v.grownBytes > 64e6)
    console.log(
      v.isRight ? 'slow' : 'BAD',
      s.attack,
      Math.round(v.milliseconds),
      Math.round(v.grownBytes / 1e6),
      v.violations.join(';'),
      v.why.slice(0, 200),
    );
}
console.log('done', TLS_SCENARIOS.length + DATA_SCENARIOS.length);
process.exit(0);
