/** Figures of the runs of contenders, which took turns. */
export interface Row {
  readonly name: string;
  /** One figure for each round. */
  readonly values: readonly number[];
  /** More cells for its line of the table. */
  readonly more?: readonly string[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which a share of ascending values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** A table of medians, and of the ratio of each to the last, round by round. */
export function ratioTable(title: string, unit: string, rows: readonly Row[], more: readonly string[] = []): string {
  const peer = rows.at(-1)!;
  const lines = rows.map(({ name, values, more: cells = [] }) => {
    const ratios = values.map((value, round) => value / peer.values[round]!);
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const ratio = values === peer.values ? ['', ''] : [median(ratios).toFixed(2), range];
    return `| ${[name, short(median(values)), ...cells, ...ratio].join(' | ')} |`;
  });
  return [
    `### ${title}`,
    '',
    `| ${peer.values.length} rounds, median | ${[unit, ...more].join(' | ')} | ratio to ${peer.name} | range |`,
    `| --- |${' ---: |'.repeat(3 + more.length)}`,
    ...lines,
    '',
  ].join('\n');
}

export function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
