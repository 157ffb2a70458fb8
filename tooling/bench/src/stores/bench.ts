import type { Settings } from './settings.ts';
import type { Figures, Task } from './task.ts';
import { answerOf } from './turns.ts';

/** What every part of the benchmark is given. */
export interface Bench {
  /** A folder of its own. */
  readonly folder: string;
  readonly settings: Settings;
  /** The command that does a task with the store. */
  own(task: Task, ...nodeOptions: readonly string[]): readonly string[];
}

/** Does a task, and gives its figures. */
export function figuresOf(command: readonly string[]): Figures {
  return JSON.parse(answerOf(command)) as Figures;
}
