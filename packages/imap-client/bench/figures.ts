/** One measured figure of a goal. */
export interface Figure {
  readonly goal: string;
  readonly what: string;
  readonly measured: string;
  /** What was aimed at. */
  readonly aim: string;
  readonly isMet: boolean;
}

/** Prints figures as a table. @returns whether all aims were met */
export function print(figures: readonly Figure[]): boolean {
  for (const { goal, what, measured, aim, isMet } of figures) {
    console.log(
      `${isMet ? 'met   ' : 'NOT MET'} ${goal.padEnd(4)} ${what.padEnd(62)} ${measured.padEnd(26)} aim: ${aim}`,
    );
  }
  const met = figures.filter(({ isMet }) => isMet).length;
  console.log(`${met} of ${figures.length} met, Node ${process.version}`);
  return met === figures.length;
}
