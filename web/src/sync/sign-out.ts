/** Signing out: saves what is not saved yet first; what can't be is given up only if the person says so. */

import type { Clock } from '../realtime/clock';
import { Emitter } from '../realtime/emitter';
import type { Drafts } from './drafts';
import type { Outbox } from './outbox';

/** So long it waits for what is not saved yet. */
const FAREWELL_MS = 3_000;

export interface SignOutOptions {
  clock: Clock;
  outbox: Outbox;
  drafts: Drafts;
  /** Ends the session, and with it what is not saved. */
  leave: () => Promise<void>;
}

export type SignOutStep = 'not begun' | 'saving' | 'asking' | 'leaving';

export class SignOut {
  readonly #options: SignOutOptions;
  readonly #changes = new Emitter<undefined>();
  #step: SignOutStep = 'not begun';

  constructor(options: SignOutOptions) {
    this.#options = options;
  }

  get step(): SignOutStep {
    return this.#step;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  async begin(): Promise<void> {
    if (this.#step !== 'not begun') return;
    this.#enter('saving');
    const isSaved = await this.#saved();
    // The session may have ended meanwhile.
    if (this.step !== 'saving') return;
    if (isSaved) await this.goOn();
    else this.#enter('asking');
  }

  async goOn(): Promise<void> {
    this.#enter('leaving');
    try {
      await this.#options.leave();
    } finally {
      this.stay();
    }
  }

  stay(): void {
    this.#enter('not begun');
  }

  async #saved(): Promise<boolean> {
    const { clock, outbox, drafts } = this.#options;
    drafts.hurry();
    await Promise.race([outbox.settled(), new Promise<void>((goOn) => clock.after(FAREWELL_MS, goOn))]);
    return outbox.pending.count === 0 && !drafts.hasUnsaved;
  }

  #enter(step: SignOutStep): void {
    this.#step = step;
    this.#changes.emit(undefined);
  }
}
