/** What the events since the last refresh have made stale, without repeats. */

import type { Concerns, Place } from './concerns';

export class Dirty {
  readonly places = new Set<Place>();
  readonly tasks = new Map<string, number>();
  readonly blockTaskIds = new Set<string>();
  readonly blockDates = new Set<string>();
  readonly blockIds = new Set<string>();
  readonly blockDepartures: Concerns['blockDepartures'] = [];
  hasProfile = false;
  /** Nobody knows what has changed. */
  isEverything = false;
  eventCount = 0;

  get isClean(): boolean {
    return this.eventCount === 0 && !this.isEverything;
  }

  add(concerns: Concerns): void {
    this.eventCount += 1;
    for (const place of concerns.places) this.places.add(place);
    for (const { taskId, version } of concerns.tasks) this.tasks.set(taskId, version);
    for (const id of concerns.blockTaskIds) this.blockTaskIds.add(id);
    for (const date of concerns.blockDates) this.blockDates.add(date);
    for (const id of concerns.blockIds) this.blockIds.add(id);
    this.blockDepartures.push(...concerns.blockDepartures);
    this.hasProfile ||= concerns.profile;
  }
}
