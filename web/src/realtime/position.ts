/** Where this client is in its user's event log, and what a frame does to that. */

import type { ConnectedPayload, PongPayload, ResyncPayload } from './event-types';
import type { DataEvent } from './frames';

export interface Position {
  readonly epoch: string;
  readonly lastEventId: number;
}

/** `missed`: something between the last event and this one never came, so nothing that is held can be trusted. */
export type Step = 'next' | 'repeat' | 'missed';

export class PositionTracker {
  #position: Position | null = null;

  get current(): Position | null {
    return this.#position;
  }

  startAt(position: Position | null): void {
    this.#position = position;
  }

  /** Answers whether the server goes on where this client stopped; if not, everything is to be fetched again. */
  connected(payload: ConnectedPayload): boolean {
    if (payload.recovered) return true;
    this.#position = at(payload);
    return false;
  }

  resynced(payload: ResyncPayload): void {
    this.#position = at(payload);
  }

  received(event: DataEvent): Step {
    if (event.id === undefined) return 'next';
    const last = this.#position;
    const isSameLog = last !== null && (event.epoch === undefined || event.epoch === last.epoch);
    if (isSameLog && event.id <= last.lastEventId) return 'repeat';
    this.#position = { epoch: event.epoch ?? last?.epoch ?? '', lastEventId: event.id };
    return isSameLog && event.id === last.lastEventId + 1 ? 'next' : 'missed';
  }

  /** The answer to a ping comes behind every event sent before it: one that is ahead of us tells of a lost event. */
  ponged(payload: PongPayload): Step {
    const last = this.#position;
    if (last?.epoch === payload.epoch && payload.lastEventId <= last.lastEventId) return 'repeat';
    this.#position = at(payload);
    return 'missed';
  }
}

function at(payload: PongPayload): Position {
  return { epoch: payload.epoch, lastEventId: payload.lastEventId };
}
