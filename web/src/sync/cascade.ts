/** How later blocks of a day make way for one that grows: the server's rule, to show its outcome before the answer. */

import type { TimeBlock } from '../api/models';
import { minutesOf, timeOf } from './dates';

export interface Slot {
  readonly startTime: string;
  readonly endTime: string;
}

/** The new slots of the block and of those it pushes on, only as far as they would overlap. */
export function cascade(blocks: readonly TimeBlock[], resized: TimeBlock, slot: Slot): Map<string, Slot> {
  const slots = new Map([[resized.id, slot]]);
  let freeFrom = minutesOf(slot.endTime);
  const later = blocks
    .filter((block) => block.id !== resized.id && minutesOf(block.startTime) >= minutesOf(resized.startTime))
    .sort((a, b) => minutesOf(a.startTime) - minutesOf(b.startTime));
  for (const block of later) {
    const start = minutesOf(block.startTime);
    if (start >= freeFrom) break;
    const end = freeFrom + minutesOf(block.endTime) - start;
    slots.set(block.id, { startTime: timeOf(freeFrom), endTime: timeOf(end) });
    freeFrom = end;
  }
  return slots;
}
