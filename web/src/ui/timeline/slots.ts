/** Between minutes of the day and pixels of the timeline. */

import type { TimeBlock } from '../../api/models';
import type { Slot } from '../../sync/cascade';
import { minutesOf, timeOf } from '../../sync/dates';

export const PX_PER_MIN = 1.1;
export const STEP_MINS = 15;
export const NEW_BLOCK_MINS = 30;
export const DAY_MINS = 24 * 60;

export function snap(minutes: number): number {
  return Math.round(minutes / STEP_MINS) * STEP_MINS;
}

/** Of this length, beginning near `startMins`, within the day. */
export function slotAt(startMins: number, lengthMins: number): Slot {
  const start = Math.min(Math.max(0, startMins), DAY_MINS - lengthMins);
  return { startTime: timeOf(start), endTime: timeOf(start + lengthMins) };
}

/** From `startMins` to near `endMins`, one step at least, within the day. */
export function slotTo(startMins: number, endMins: number): Slot {
  return { startTime: timeOf(startMins), endTime: timeOf(Math.max(startMins + STEP_MINS, endMins)) };
}

/** The first free time at or after `fromMins`, beside `blocks` in order of their start; where none is left, at the day's end. */
export function freeSlot(blocks: readonly TimeBlock[], fromMins: number, lengthMins: number): Slot {
  let start = Math.ceil(fromMins / STEP_MINS) * STEP_MINS;
  for (const { startTime, endTime } of blocks) {
    if (minutesOf(startTime) < start + lengthMins && minutesOf(endTime) > start) start = minutesOf(endTime);
  }
  return slotAt(start, lengthMins);
}

export function minuteAt(grid: HTMLElement, y: number): number {
  return (y - grid.getBoundingClientRect().top) / PX_PER_MIN;
}
