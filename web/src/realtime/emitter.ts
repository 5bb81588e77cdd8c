/** A list of listeners for one kind of news. */

import type { Unsubscribe } from './online';

export class Emitter<T> {
  readonly #listeners = new Set<(news: T) => void>();

  subscribe(listener: (news: T) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  emit(news: T): void {
    for (const listener of [...this.#listeners]) listener(news);
  }
}
