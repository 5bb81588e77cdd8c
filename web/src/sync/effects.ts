/** What a write that has not been answered yet will do to the rows, so that it shows at once and leaves no trace if it fails. */

import type { Task, TimeBlock } from '../api/models';
import { belongs, compareTasks } from './buckets';
import type { Bucket } from './buckets';

export interface Effect<Row> {
  readonly ids: ReadonlySet<string>;
  /** The rows as they were, for lists that they come into. */
  readonly snapshots: readonly Row[];
  /** Null: the row is gone. */
  change(row: Row): Row | null;
}

export type TaskEffect = Effect<Task>;
export type BlockEffect = Effect<TimeBlock>;

export function tasksWith(effects: readonly TaskEffect[], rows: readonly Task[], bucket: Bucket): Task[] {
  const isHere = (task: Task, wasHere: boolean) => belongs(task, bucket) ?? wasHere;
  const changed = effects.reduce((tasks, effect) => applied(effect, tasks, isHere), [...rows]);
  return bucket.kind === 'search' ? changed : changed.sort(compareTasks);
}

export function taskWith(effects: readonly TaskEffect[], task: Task): Task | null {
  return effects.reduce<Task | null>(
    (row, effect) => (row && effect.ids.has(row.id) ? effect.change(row) : row),
    task,
  );
}

export function blocksWith(effects: readonly BlockEffect[], rows: readonly TimeBlock[], date: string): TimeBlock[] {
  const changed = effects.reduce((blocks, effect) => applied(effect, blocks, (block) => block.date === date), [...rows]);
  return changed.sort((a, b) => a.startTime.localeCompare(b.startTime) || a.id.localeCompare(b.id));
}

function applied<Row extends { id: string }>(
  effect: Effect<Row>,
  rows: readonly Row[],
  isHere: (row: Row, wasHere: boolean) => boolean,
): Row[] {
  const present = new Set(rows.map((row) => row.id));
  const kept = rows.flatMap((row) => {
    const after = effect.ids.has(row.id) ? effect.change(row) : row;
    return after && (after === row || isHere(after, true)) ? [after] : [];
  });
  const arriving = effect.snapshots.flatMap((row) => {
    const after = present.has(row.id) ? null : effect.change(row);
    return after && isHere(after, false) ? [after] : [];
  });
  return [...kept, ...arriving];
}
