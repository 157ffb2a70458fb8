import type { Outcome } from './task.ts';

export type Outcomes = ReadonlyMap<string, readonly Outcome[]>;

const HEAD = [
  'whole process, processor s',
  'ratio',
  'the work alone, processor s',
  'ratio',
  'wall s',
  'ratio',
  'peak memory, MB',
];

/** Medians, and the ratio of the first to each other pair by pair: median and range. */
export function outcomeTable(title: string, outcomes: Outcomes): string {
  const [first] = outcomes.values();
  const rows = [...outcomes].map(([name, runs]) => {
    const figures = (['wholeCpu', 'workCpu', 'workWall'] as const).flatMap((what) => {
      const ratios = runs.map((each, round) => first![round]![what] / each[what]);
      return [median(runs.map((each) => each[what])).toFixed(2), runs === first ? '' : spread(ratios)];
    });
    const memory = median(runs.map(({ peakRss }) => peakRss / 1e6)).toFixed(0);
    return `| ${[name, ...figures, memory].join(' | ')} |`;
  });
  return [
    `### ${title}, ${first!.length} rounds, found ${[...new Set([...outcomes.values()].map(([run]) => run!.found))].join(' and ')}`,
    '',
    `| median | ${HEAD.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(HEAD.length)}`,
    ...rows,
    '',
  ].join('\n');
}

/** Median and range. */
export function spread(values: readonly number[], digits = 2): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  return `${median(values).toFixed(digits)} (${least} to ${most})`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
