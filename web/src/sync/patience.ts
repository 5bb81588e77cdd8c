/**
 * Reads that nobody answers, or that the server fails at: sent again all together, ever more slowly, not before the
 * server asked for it. Writes have the Outbox.
 */

import { ApiError, Unavailable } from '../api/errors';
import { delayMs } from '../realtime/backoff';
import type { Backoff } from '../realtime/backoff';
import type { Cancel, Clock } from '../realtime/clock';
import { Emitter } from '../realtime/emitter';

const RETRY: Backoff = { firstMs: 1_000, factor: 2, ceilingMs: 30_000, fastAttempts: Infinity };

export class Patience {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #changes = new Emitter<undefined>();
  /** Those that failed and are not answered yet. */
  readonly #unanswered = new Set<symbol>();
  /** How those go on that wait for their next try. */
  readonly #waiting = new Set<() => void>();
  #failure: Unavailable | null = null;
  #failures = 0;
  #retry: Cancel | null = null;
  #retryAtMs = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Why something may be missing or out of date; null while every read is answered. */
  get failure(): Unavailable | null {
    return this.#failure;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  /** Settles when somebody answers, or when nobody wants the answer any more. */
  async read<T>(signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    const read = Symbol();
    try {
      for (;;) {
        const sent = await attempt(send);
        if (!(sent instanceof Unavailable)) return sent;
        signal.throwIfAborted();
        this.#failed(read, sent);
        await this.#turn(signal);
      }
    } finally {
      this.#done(read);
    }
  }

  /** There is reason to believe that the server can be reached. */
  retryNow(): void {
    this.#retry?.();
    this.#retry = null;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const goOn of waiting) goOn();
  }

  #failed(read: symbol, error: Unavailable): void {
    this.#unanswered.add(read);
    this.#failure = error;
    this.#plan(error.retryAfterMs);
    this.#changes.emit(undefined);
  }

  #plan(retryAfterMs: number): void {
    const nowMs = this.#clock.now();
    if (this.#retry && nowMs + retryAfterMs <= this.#retryAtMs) return;
    if (!this.#retry) this.#retryAtMs = nowMs + delayMs(RETRY, this.#failures++, this.#random);
    this.#retry?.();
    this.#retryAtMs = Math.max(this.#retryAtMs, nowMs + retryAfterMs);
    this.#retry = this.#clock.after(this.#retryAtMs - nowMs, () => this.retryNow());
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(goOn);
        reject(signal.reason as Error);
      };
      const goOn = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      this.#waiting.add(goOn);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #done(read: symbol): void {
    if (!this.#unanswered.delete(read) || this.#unanswered.size > 0) return;
    this.#failure = null;
    this.#failures = 0;
    this.#changes.emit(undefined);
  }
}

async function attempt<T>(send: () => Promise<T>): Promise<T | Unavailable> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Unavailable) return error;
    // A read may be repeated, whatever the server failed at.
    if (error instanceof ApiError && error.status >= 500) return new Unavailable(error.message);
    throw error;
  }
}
