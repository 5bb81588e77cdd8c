/** Which events are this tab's own: the ids that its writes were answered with, and the names it wrote under. */

import { Emitter } from '../realtime/emitter';
import type { DataEvent } from '../realtime/frames';
import type { Unsubscribe } from '../realtime/online';

/** More than a tab writes while an event is on its way. */
const REMEMBERED = 500;

export class EchoLedger {
  readonly #origins = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #idle = new Emitter<undefined>();
  #inFlight = 0;

  /** `true` while an answer is awaited that may still explain an event of this tab. */
  get isWriting(): boolean {
    return this.#inFlight > 0;
  }

  onIdle(listener: () => void): Unsubscribe {
    return this.#idle.subscribe(listener);
  }

  /** A write leaves under the name of this connection. */
  begin(connectionId: string | null): void {
    this.#inFlight += 1;
    if (connectionId !== null) remember(this.#origins, connectionId);
  }

  /** A write has ended, with the place of its event in the log if there was an answer. */
  settle(eventId: number | null, epoch: string | null): void {
    this.#inFlight -= 1;
    if (eventId !== null) remember(this.#answered, `${epoch ?? ''}/${eventId}`);
    if (this.#inFlight === 0) this.#idle.emit(undefined);
  }

  /** Written by this tab, whether or not the answer arrived. */
  isFromHere(event: DataEvent): boolean {
    return event.origin !== undefined && this.#origins.has(event.origin);
  }

  /** Written by this tab and answered: its effect is here already. */
  isAnswered(event: DataEvent): boolean {
    return this.isFromHere(event) && event.id !== undefined && this.#answered.has(`${event.epoch ?? ''}/${event.id}`);
  }
}

function remember(set: Set<string>, value: string): void {
  set.add(value);
  const [oldest] = set;
  if (set.size > REMEMBERED && oldest !== undefined) set.delete(oldest);
}
