/** Notices a dead line: a browser cannot see protocol pings, so a quiet connection is asked. */

import type { Cancel, Clock } from './clock';

/** A quiet line is asked after 25 s: less than the 30 s after which common proxies drop idle connections. */
export const QUIET_MS = 25_000;
export const ANSWER_MS = 10_000;

export class Liveness {
  readonly #clock: Clock;
  readonly #ping: () => void;
  readonly #dead: () => void;
  #cancel: Cancel | null = null;
  #isAsking = false;

  constructor(clock: Clock, ping: () => void, dead: () => void) {
    this.#clock = clock;
    this.#ping = ping;
    this.#dead = dead;
  }

  /** Anything that arrives proves the line. */
  heard(): void {
    this.stop();
    this.#cancel = this.#clock.after(QUIET_MS, () => this.probe());
  }

  /** Asks now, unless an answer is awaited already. */
  probe(): void {
    if (this.#isAsking) return;
    this.stop();
    this.#isAsking = true;
    this.#cancel = this.#clock.after(ANSWER_MS, () => {
      this.stop();
      this.#dead();
    });
    this.#ping();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#isAsking = false;
  }
}
