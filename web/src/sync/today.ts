/** The current day in the user's time zone; an open tab moves on at midnight by itself. */

import type { Cancel, Clock } from '../realtime/clock';
import { Emitter } from '../realtime/emitter';
import type { Unsubscribe } from '../realtime/online';
import type { VisibilitySource } from '../realtime/visibility';
import { dayIn, isTimeZone, minuteIn } from './dates';

const MINUTE_MS = 60_000;

export class Today {
  readonly #clock: Clock;
  readonly #changes = new Emitter<undefined>();
  #timeZone = 'UTC';
  #date: string;
  #minute: number;
  #cancel: Cancel;

  constructor(clock: Clock, visibility: VisibilitySource) {
    this.#clock = clock;
    this.#date = dayIn(this.#timeZone, clock.now());
    this.#minute = minuteIn(this.#timeZone, clock.now());
    this.#cancel = () => undefined;
    visibility.subscribe(() => this.#look());
    this.#wait();
  }

  get date(): string {
    return this.#date;
  }

  /** Minutes since midnight. */
  get minute(): number {
    return this.#minute;
  }

  get timeZone(): string {
    return this.#timeZone;
  }

  setTimeZone(timeZone: string): void {
    if (timeZone === this.#timeZone || !isTimeZone(timeZone)) return;
    this.#timeZone = timeZone;
    this.#look();
  }

  subscribe = (changed: () => void): Unsubscribe => this.#changes.subscribe(changed);

  /** Midnight falls on a whole minute everywhere, whatever the zone and its clock changes. */
  #wait(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(MINUTE_MS - (this.#clock.now() % MINUTE_MS) + 20, () => {
      this.#look();
      this.#wait();
    });
  }

  #look(): void {
    const [date, minute] = [dayIn(this.#timeZone, this.#clock.now()), minuteIn(this.#timeZone, this.#clock.now())];
    if (date === this.#date && minute === this.#minute) return;
    this.#date = date;
    this.#minute = minute;
    this.#changes.emit(undefined);
  }
}
