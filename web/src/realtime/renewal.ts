/** Renews the session's token before it expires, in whichever tab comes first. */

import { delayMs } from './backoff';
import type { Backoff } from './backoff';
import type { Cancel, Clock } from './clock';
import type { OnlineSource } from './online';
import type { Session } from './session';
import { readToken } from './token';
import type { VisibilitySource } from './visibility';

/** A token is renewed in the last quarter of its life; a spread of 5 % keeps the tabs from doing it in step. */
const RENEW_AT = 0.75;
const SPREAD = 0.05;
/** So much of its life passes before a token is renewed, however far ahead the clock here is. */
const LEAST_AGE = 0.1;
/** Timers stand still while the machine sleeps, so no single one is trusted for longer. */
const LOOK_EVERY_MS = 60_000;
const RETRY: Backoff = { firstMs: 5_000, factor: 2, ceilingMs: 300_000, fastAttempts: Infinity };

export interface RenewalOptions {
  session: Session;
  clock: Clock;
  random: () => number;
  online: OnlineSource;
  visibility: VisibilitySource;
  /** Asks the server for a new token; a refusal is reported to the session by who asks. */
  renew: () => Promise<string>;
}

export class TokenRenewal {
  readonly #options: RenewalOptions;
  #cancel: Cancel | null = null;
  #failures = 0;
  #isRenewing = false;
  /** When the token in use came from a sign-in or a renewal; one that was stored before has its own age. */
  #receivedAtMs = -Infinity;
  /** The server gave it no longer life. */
  #last: string | null = null;

  constructor(options: RenewalOptions) {
    this.#options = options;
    const { session, online, visibility, clock } = options;
    session.subscribe(() => {
      this.#receivedAtMs = clock.now();
      this.start();
    });
    online.subscribe(() => this.start());
    visibility.subscribe(() => this.start());
  }

  /** Plans the next renewal for the token that is in use now. */
  start(): void {
    this.stop();
    const { session, clock, random } = this.#options;
    const claims = readToken(session.token ?? '');
    if (!claims || session.token === this.#last) return;
    this.#failures = 0;
    const lifeMs = claims.expiresAtMs - claims.issuedAtMs;
    const dueMs = claims.issuedAtMs + lifeMs * (RENEW_AT + SPREAD * random());
    this.#plan(Math.max(dueMs, this.#receivedAtMs + lifeMs * LEAST_AGE, clock.now()));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #plan(dueMs: number): void {
    const { clock } = this.#options;
    this.#cancel = clock.after(Math.min(dueMs - clock.now(), LOOK_EVERY_MS), () => {
      if (clock.now() >= dueMs) void this.#renew();
      else this.#plan(dueMs);
    });
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const { session, clock, random, renew } = this.#options;
    const old = session.token;
    try {
      const token = await renew();
      // Signed out, or renewed by another tab, while the answer was on its way.
      if (session.token !== old) return;
      if (expiry(token) > expiry(old ?? '')) session.accept(token);
      else this.#last = old;
    } catch {
      if (session.token === old && old !== null) this.#plan(clock.now() + 1_000 + delayMs(RETRY, this.#failures++, random));
    } finally {
      this.#isRenewing = false;
    }
  }
}

function expiry(token: string): number {
  return readToken(token)?.expiresAtMs ?? 0;
}
