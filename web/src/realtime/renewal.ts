/** Renews the session's token before it expires, in whichever tab comes first. */

import { delayMs } from './backoff';
import type { Backoff } from './backoff';
import type { Cancel, Clock } from './clock';
import type { Session } from './session';
import { readToken } from './token';

/** A token is renewed in the last quarter of its life; a spread of 5 % keeps the tabs from doing it in step. */
const RENEW_AT = 0.75;
const SPREAD = 0.05;
const RETRY: Backoff = { firstMs: 5_000, factor: 2, ceilingMs: 300_000, fastAttempts: Infinity };

export interface RenewalOptions {
  session: Session;
  clock: Clock;
  random: () => number;
  /** Asks the server for a new token; a refusal is reported to the session by who asks. */
  renew: () => Promise<string>;
}

export class TokenRenewal {
  readonly #options: RenewalOptions;
  #cancel: Cancel | null = null;
  #failures = 0;

  constructor(options: RenewalOptions) {
    this.#options = options;
    options.session.subscribe(() => this.start());
  }

  /** Plans the next renewal for the token that is in use now. */
  start(): void {
    this.stop();
    const claims = readToken(this.#options.session.token ?? '');
    if (!claims) return;
    this.#failures = 0;
    const lifeMs = claims.expiresAtMs - claims.issuedAtMs;
    const dueMs = claims.issuedAtMs + lifeMs * (RENEW_AT + SPREAD * this.#options.random());
    this.#plan(Math.max(0, dueMs - this.#options.clock.now()));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #plan(waitMs: number): void {
    this.#cancel = this.#options.clock.after(waitMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { session, renew, random } = this.#options;
    const old = session.token;
    try {
      const token = await renew();
      // Signed out, or renewed by another tab, while the answer was on its way.
      if (session.token !== old) return;
      if (expiry(token) > expiry(old ?? '')) session.accept(token);
      else this.stop();
    } catch {
      if (session.token === old && old !== null) this.#plan(1_000 + delayMs(RETRY, this.#failures++, random));
    }
  }
}

function expiry(token: string): number {
  return readToken(token)?.expiresAtMs ?? 0;
}
