/** Texts that could not be saved after their editor was closed: kept for when it is opened again. */

import type { TextField } from './text-conflict';

export interface Leftover {
  readonly base: string;
  readonly text: string;
}

export class Leftovers {
  readonly #texts = new Map<string, Leftover>();

  get isEmpty(): boolean {
    return this.#texts.size === 0;
  }

  keep(taskId: string, field: TextField, leftover: Leftover): void {
    this.#texts.set(`${taskId}/${field}`, leftover);
  }

  find(taskId: string, field: TextField): Leftover | undefined {
    return this.#texts.get(`${taskId}/${field}`);
  }

  drop(taskId: string, field: TextField): void {
    this.#texts.delete(`${taskId}/${field}`);
  }

  clear(): void {
    this.#texts.clear();
  }
}
