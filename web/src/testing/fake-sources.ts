/** The outside facts of a page, set by hand. */

import { Emitter } from '../realtime/emitter';
import type { OnlineSource } from '../realtime/online';
import type { SharedValue } from '../realtime/shared-value';
import type { VisibilitySource } from '../realtime/visibility';

export class FakeOnline implements OnlineSource {
  readonly #changes = new Emitter<undefined>();
  #isOnline = true;

  isOnline(): boolean {
    return this.#isOnline;
  }

  subscribe(changed: () => void) {
    return this.#changes.subscribe(changed);
  }

  set(isOnline: boolean): void {
    this.#isOnline = isOnline;
    this.#changes.emit(undefined);
  }
}

export class FakeVisibility implements VisibilitySource {
  readonly #changes = new Emitter<undefined>();
  #isVisible = true;

  isVisible(): boolean {
    return this.#isVisible;
  }

  subscribe(shown: () => void) {
    return this.#changes.subscribe(shown);
  }

  hide(): void {
    this.#isVisible = false;
  }

  show(): void {
    this.#isVisible = true;
    this.#changes.emit(undefined);
  }
}

/** A storage with several tabs on it: what one writes, the others are told. */
export class FakeStorage {
  readonly #changes = new Emitter<object>();
  #text: string | null = null;

  tab(): SharedValue {
    const self = {};
    return {
      read: () => this.#text,
      write: (text) => {
        this.#text = text;
        this.#changes.emit(self);
      },
      subscribe: (changed) =>
        this.#changes.subscribe((writer) => {
          if (writer !== self) changed();
        }),
    };
  }
}

/** A token that nobody signed. */
export function fakeToken(userId: string, issuedAtMs: number, lifeMs: number): string {
  const claims = { userId, sub: userId, sid: 's1', iat: issuedAtMs / 1000, exp: (issuedAtMs + lifeMs) / 1000 };
  return ['e30', btoa(JSON.stringify(claims)), 'signature'].join('.');
}
