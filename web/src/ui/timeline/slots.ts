/** Between minutes of the day and pixels of the timeline. */

import type { Slot } from '../../sync/cascade';
import { timeOf } from '../../sync/dates';

export const PX_PER_MIN = 1.1;
export const STEP_MINS = 15;
export const DAY_MINS = 24 * 60;

export function snap(minutes: number): number {
  return Math.round(minutes / STEP_MINS) * STEP_MINS;
}

/** Of this length, beginning near `startMins`, within the day. */
export function slotAt(startMins: number, lengthMins: number): Slot {
  const start = Math.min(Math.max(0, startMins), DAY_MINS - lengthMins);
  return { startTime: timeOf(start), endTime: timeOf(start + lengthMins) };
}

export function minuteAt(grid: HTMLElement, y: number): number {
  return (y - grid.getBoundingClientRect().top) / PX_PER_MIN;
}
