/** What the events since the last refresh have made stale, without repeats. */

import type { Concerns, Departure, Place } from './concerns';

export class Dirty {
  readonly places = new Set<Place>();
  readonly tasks = new Map<string, number>();
  readonly blockTaskIds = new Set<string>();
  readonly blockDates = new Set<string>();
  readonly blockIds = new Set<string>();
  readonly blockDepartures: Concerns['blockDepartures'] = [];
  hasProfile = false;
  eventCount = 0;
  #departures: Departure[] = [];

  get departures(): readonly Departure[] {
    return this.#departures;
  }

  add(concerns: Concerns): void {
    this.eventCount += 1;
    for (const place of concerns.places) this.places.add(place);
    for (const { taskId, version } of concerns.tasks) this.tasks.set(taskId, version);
    this.#returned(concerns);
    this.#departures.push(...concerns.departures);
    for (const id of concerns.blockTaskIds) this.blockTaskIds.add(id);
    for (const date of concerns.blockDates) this.blockDates.add(date);
    for (const id of concerns.blockIds) this.blockIds.add(id);
    this.blockDepartures.push(...concerns.blockDepartures);
    this.hasProfile ||= concerns.profile;
  }

  /** A task that came back has not left after all. */
  #returned({ tasks, places }: Concerns): void {
    const isBack = ({ taskId, from }: Departure) =>
      tasks.some((task) => task.taskId === taskId) && (from === undefined || places.includes(from));
    this.#departures = this.#departures.filter((departure) => !isBack(departure));
  }
}
