/** Tasks that left a list and are still to be taken out of it. */

import type { Concerns, Departure } from './concerns';

export class Departures {
  #waiting: Departure[] = [];

  /** A task that came back has not left after all. */
  add({ places, present, departures }: Concerns): void {
    const isBack = ({ taskId, from }: Departure) =>
      present.includes(taskId) && (from === undefined || places.includes(from));
    this.#waiting = [...this.#waiting.filter((departure) => !isBack(departure)), ...departures];
  }

  /** Hands out those that may go; the others go on waiting. */
  take(mayGo: (departure: Departure) => boolean): Departure[] {
    const going = this.#waiting.filter(mayGo);
    this.#waiting = this.#waiting.filter((departure) => !going.includes(departure));
    return going;
  }
}
