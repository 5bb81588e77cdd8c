/** Where the blocks of a day stand: top and height by time, side by side where they overlap. */

import type { TimeBlock } from '../../api/models';
import { minutesOf } from '../../sync/dates';

export interface PlacedBlock {
  readonly block: TimeBlock;
  readonly startMins: number;
  readonly endMins: number;
  /** From the left, of `columns` of equal width. */
  readonly column: number;
  readonly columns: number;
}

/** Nobody can grab less: shorter blocks are drawn, and kept apart, as if they lasted so long. */
const LEAST_MINS = 20;

export function layoutDay(blocks: readonly TimeBlock[]): PlacedBlock[] {
  const timed = blocks
    .map((block) => ({ block, startMins: minutesOf(block.startTime), endMins: minutesOf(block.endTime) }))
    .sort((a, b) => a.startMins - b.startMins || b.endMins - a.endMins);
  const placed: PlacedBlock[] = [];
  let group: (Omit<PlacedBlock, 'columns'>)[] = [];
  let groupEnd = 0;
  const close = () => {
    const columns = Math.max(0, ...group.map((one) => one.column)) + 1;
    placed.push(...group.map((one) => ({ ...one, columns })));
    group = [];
  };
  for (const one of timed) {
    if (one.startMins >= groupEnd) close();
    group.push({ ...one, column: freeColumn(group, one.startMins) });
    groupEnd = Math.max(groupEnd, shownEnd(one));
  }
  close();
  return placed;
}

function freeColumn(group: readonly Omit<PlacedBlock, 'columns'>[], startMins: number): number {
  for (let column = 0; ; column += 1) {
    if (!group.some((other) => other.column === column && shownEnd(other) > startMins)) return column;
  }
}

function shownEnd({ startMins, endMins }: { startMins: number; endMins: number }): number {
  return Math.max(endMins, startMins + LEAST_MINS);
}
