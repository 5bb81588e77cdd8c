/** Who is signed in, in all tabs of this browser: holds the token and tells when it changes. */

import { Emitter } from './emitter';
import type { Unsubscribe } from './online';
import type { SharedValue } from './shared-value';
import { readToken } from './token';

export type SessionChange = 'signed-in' | 'renewed' | 'signed-out';

export class Session {
  readonly #shared: SharedValue;
  readonly #changes = new Emitter<SessionChange>();
  #token: string | null;
  #wasRefused = false;

  constructor(shared: SharedValue) {
    this.#shared = shared;
    this.#token = usable(shared.read());
    shared.subscribe(() => this.#adopt(usable(this.#shared.read())));
  }

  get token(): string | null {
    return this.#token;
  }

  get userId(): string | null {
    return this.#token === null ? null : (readToken(this.#token)?.userId ?? null);
  }

  /** The last session ended because the server said so, not because somebody signed out here. */
  get wasRefused(): boolean {
    return this.#wasRefused;
  }

  /** Takes a token from a sign-in or a renewal and shares it with the other tabs. */
  accept(token: string): void {
    this.#wasRefused = false;
    this.#shared.write(token);
    this.#adopt(token);
  }

  end(): void {
    this.#shared.write(null);
    this.#adopt(null);
  }

  /**
   * Ends only if `token` is still the one in use: a late refusal of a replaced token says nothing about its successor,
   * which another tab may have stored without our having been told yet.
   */
  refused(token: string): void {
    this.#adopt(usable(this.#shared.read()));
    if (token !== this.#token) return;
    this.#wasRefused = true;
    this.end();
  }

  subscribe(changed: (change: SessionChange) => void): Unsubscribe {
    return this.#changes.subscribe(changed);
  }

  #adopt(token: string | null): void {
    if (token === this.#token) return;
    const before = this.userId;
    this.#token = token;
    if (token === null) this.#changes.emit('signed-out');
    else this.#changes.emit(before === this.userId ? 'renewed' : 'signed-in');
  }
}

function usable(token: string | null): string | null {
  return token !== null && readToken(token) ? token : null;
}
