/**
 * The writes that have not been answered yet, sent one at a time in the order they were made. What a network loss
 * interrupts stays, shows as "not saved yet", and is sent again; what the server refuses goes, and its effect with it.
 * So does what something in between refuses again and again.
 */

import { Unavailable } from '../api/errors';
import { delayMs } from '../realtime/backoff';
import type { Backoff } from '../realtime/backoff';
import type { Cancel, Clock } from '../realtime/clock';
import { Emitter } from '../realtime/emitter';
import type { BlockEffect, TaskEffect } from './effects';

const RETRY: Backoff = { firstMs: 2_000, factor: 2, ceilingMs: 30_000, fastAttempts: Infinity };
/** A write that something in between refuses so often is given up: those behind it may come through. */
const MOST_REFUSALS = 5;

export interface Write<T> {
  readonly tasks?: TaskEffect;
  readonly blocks?: BlockEffect;
  /** Does the write and puts its answer where the rows are kept. */
  send(): Promise<T>;
}

/** What is pending, as one value that changes only when something does. */
export interface Pending {
  readonly tasks: readonly TaskEffect[];
  readonly blocks: readonly BlockEffect[];
  readonly count: number;
  /** The last try found nobody at the other end. */
  readonly isStuck: boolean;
  /** Rows whose change is not saved yet, while stuck. */
  readonly unsavedIds: ReadonlySet<string>;
}

interface Entry {
  readonly write: Write<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** How often something in between refused it. */
  refusalCount: number;
}

export class Outbox {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #changes = new Emitter<undefined>();
  #entries: Entry[] = [];
  #isPaused = false;
  #isSending = false;
  /** Counts interruptions: what was under way before one is recognised by its number and ignored. */
  #generation = 0;
  #failures = 0;
  #retry: Cancel | null = null;
  #pending: Pending = pendingOf([], false);

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get pending(): Pending {
    return this.#pending;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  /** Settles when the write is answered, however long that takes; rejects when it is refused. */
  add<T>(write: Write<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#entries.push({ write, resolve: (value) => resolve(value as T), reject, refusalCount: 0 });
      this.#publish();
      if (this.#failures === 0) void this.#drain();
    });
  }

  /** There is reason to believe that the server can be reached. */
  retryNow(): void {
    if (this.#entries.length > 0) void this.#drain();
  }

  /** Settles when nothing is left, or when nobody answers. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#pending.count > 0 && !this.#pending.isStuck) return;
        unsubscribe();
        resolve();
      };
      const unsubscribe = this.#changes.subscribe(look);
      look();
    });
  }

  /** The session ended: what is left waits until its user is back. */
  pause(): void {
    this.#isPaused = true;
    this.#interrupt();
  }

  resume(): void {
    this.#isPaused = false;
    this.retryNow();
  }

  /** Forgets everything: whoever wrote it has signed out, or somebody else has signed in. */
  clear(): void {
    this.#interrupt();
    this.#failures = 0;
    for (const entry of this.#entries.splice(0)) entry.reject(new Unavailable('Signed out before this was saved.'));
    this.#publish();
  }

  #interrupt(): void {
    this.#retry?.();
    this.#generation += 1;
    this.#isSending = false;
  }

  async #drain(): Promise<void> {
    if (this.#isSending || this.#isPaused) return;
    this.#isSending = true;
    this.#retry?.();
    const generation = this.#generation;
    for (let entry = this.#entries[0]; entry; entry = this.#entries[0]) {
      const settle = await this.#sent(entry);
      if (generation !== this.#generation) return;
      if (!settle()) break;
    }
    this.#isSending = false;
  }

  /** How to go on after it: answers whether with the next one. */
  async #sent(entry: Entry): Promise<() => boolean> {
    try {
      const value = await entry.write.send();
      return () => this.#finish(entry, () => entry.resolve(value));
    } catch (error) {
      if (error instanceof Unavailable) return () => this.#unanswered(entry, error);
      return () => this.#finish(entry, () => entry.reject(error));
    }
  }

  #finish(entry: Entry, tell: () => void): boolean {
    this.#failures = 0;
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#publish();
    tell();
    return true;
  }

  #unanswered(entry: Entry, { retryAfterMs, refusal }: Unavailable): boolean {
    if (refusal) entry.refusalCount += 1;
    if (!refusal || entry.refusalCount < MOST_REFUSALS) return this.#postpone(retryAfterMs);
    return this.#finish(entry, () => entry.reject(refusal));
  }

  #postpone(retryAfterMs: number): boolean {
    const waitMs = Math.max(retryAfterMs, delayMs(RETRY, this.#failures, this.#random));
    this.#failures += 1;
    this.#retry = this.#clock.after(waitMs, () => void this.#drain());
    this.#publish();
    return false;
  }

  #publish(): void {
    this.#pending = pendingOf(this.#entries, this.#failures > 0);
    this.#changes.emit(undefined);
  }
}

function pendingOf(entries: readonly Entry[], isStuck: boolean): Pending {
  const tasks = entries.flatMap(({ write }) => (write.tasks ? [write.tasks] : []));
  const blocks = entries.flatMap(({ write }) => (write.blocks ? [write.blocks] : []));
  const ids = isStuck ? [...tasks, ...blocks].flatMap((effect) => [...effect.ids]) : [];
  return { tasks, blocks, count: entries.length, isStuck, unsavedIds: new Set(ids) };
}
