/** The short messages at the screen's edge: what failed and why, what can be undone, what others did. */

import type { Cancel, Clock } from '../realtime/clock';
import { Emitter } from '../realtime/emitter';

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'info' | 'problem';
  readonly action?: { readonly label: string; readonly run: () => void };
}

export type NewNotice = Omit<Notice, 'id'>;

const SHOWN_MS = 8_000;
/** More at once would be a wall, not a message. */
const MOST_SHOWN = 3;

export class Notices {
  readonly #clock: Clock;
  readonly #changes = new Emitter<undefined>();
  readonly #timers = new Map<number, Cancel>();
  #shown: readonly Notice[] = [];
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get shown(): readonly Notice[] {
    return this.#shown;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  /** With `replacing`, in place of a notice that is still shown. */
  show(notice: NewNotice, replacing?: number): number {
    const isReplacing = replacing !== undefined && this.#shown.some(({ id }) => id === replacing);
    const id = isReplacing ? replacing : ++this.#lastId;
    const shown = { ...notice, id };
    this.#shown = isReplacing
      ? this.#shown.map((other) => (other.id === id ? shown : other))
      : [...this.#shown, shown].slice(-MOST_SHOWN);
    this.hold(id);
    this.release(id);
    this.#changes.emit(undefined);
    return id;
  }

  dismiss(id: number): void {
    this.hold(id);
    this.#shown = this.#shown.filter((notice) => notice.id !== id);
    this.#changes.emit(undefined);
  }

  /** Somebody reads it, or is about to press its button: it stays. */
  hold(id: number): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  release(id: number): void {
    this.hold(id);
    this.#timers.set(id, this.#clock.after(SHOWN_MS, () => this.dismiss(id)));
  }

  clear(): void {
    for (const { id } of this.#shown) this.dismiss(id);
  }
}
