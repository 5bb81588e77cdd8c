/**
 * Keeps what was fetched true: every event makes stale just what it concerns, and bursts are refreshed together.
 * Which queries exist and are shown is TanStack Query's affair; which events arrive, the Connection's.
 */

import type { QueryClient, QueryKey } from '@tanstack/react-query';

import type { EchoLedger } from '../api/echo';
import type { Task } from '../api/models';
import type { Clock } from '../realtime/clock';
import type { DataEvent } from '../realtime/frames';
import type { BlockStore } from './block-store';
import { bucketOf, keys, placeKey } from './buckets';
import { concernsOf } from './concerns';
import { Dirty } from './dirty';
import type { FrameSource } from './frame';
import { refresh } from './held-query';
import type { TaskStore } from './task-store';

/** Between two refreshes: short after a few events, a second after many, so that a burst costs a handful of requests. */
const SHORT_GAP_MS = 200;
const LONG_GAP_MS = 1_000;
const MANY_EVENTS = 5;

export interface EventSyncOptions {
  client: QueryClient;
  tasks: TaskStore;
  blocks: BlockStore;
  ledger: EchoLedger;
  clock: Clock;
  frames: FrameSource;
  /** Told of every event that this tab did not cause, before it takes effect. */
  noticed: (event: DataEvent) => void;
}

export class EventSync {
  readonly #options: EventSyncOptions;
  #dirty = new Dirty();
  /** Events of this tab that came before the answer of their write. */
  #held: DataEvent[] = [];
  #isBusy = false;

  constructor(options: EventSyncOptions) {
    this.#options = options;
    options.ledger.onIdle(() => this.#release());
  }

  receive(event: DataEvent): void {
    const { ledger, noticed } = this.#options;
    if (ledger.isAnswered(event)) return;
    if (ledger.isFromHere(event) && ledger.isWriting) {
      this.#held.push(event);
      return;
    }
    if (!ledger.isFromHere(event)) noticed(event);
    this.#dirty.add(concernsOf(event));
    this.#plan();
  }

  /** Everything may have changed: all of it once, and no more of what was dirty before. */
  async refreshAll(): Promise<void> {
    this.#dirty = new Dirty();
    await refresh(this.#options.client);
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const event of held) this.receive(event);
  }

  #plan(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#options.frames.next(() => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    const dirty = this.#dirty;
    this.#dirty = new Dirty();
    await Promise.all(this.#staleKeys(dirty).map((queryKey) => this.#invalidate(queryKey)));
    await this.#settle(dirty);
    this.#options.clock.after(dirty.eventCount > MANY_EVENTS ? LONG_GAP_MS : SHORT_GAP_MS, () => {
      this.#isBusy = false;
      if (this.#dirty.eventCount > 0) this.#plan();
    });
  }

  #staleKeys(dirty: Dirty): QueryKey[] {
    const days = new Set([...dirty.blockDates, ...this.#options.blocks.daysWith(dirty.blockTaskIds, dirty.blockIds)]);
    return [
      ...[...dirty.places].map(placeKey),
      ...this.#crossLists(dirty),
      ...[...days].map(keys.blockDay),
      ...(dirty.hasProfile ? [keys.me] : []),
    ];
  }

  /** The lists that run across days: earlier tasks, and what a search found. */
  #crossLists(dirty: Dirty): QueryKey[] {
    const days = [...dirty.places].filter((place) => place !== null);
    return this.#options.client
      .getQueryCache()
      .findAll({ queryKey: keys.tasks })
      .map((query) => query.queryKey)
      .filter((key) => {
        const bucket = bucketOf(key);
        if (bucket?.kind === 'search') return dirty.places.size > 0;
        return bucket?.kind === 'earlier' && days.some((day) => day < bucket.before);
      });
  }

  /** After the lists are fresh: what left them goes, and an open panel is fetched only if no list had its task. */
  async #settle(dirty: Dirty): Promise<void> {
    const { client, tasks, blocks } = this.#options;
    for (const departure of dirty.departures) {
      tasks.depart(departure);
      if (departure.from === undefined) blocks.dropTask(departure.taskId);
    }
    for (const { timeBlockId, version } of dirty.blockDepartures) blocks.remove(timeBlockId, version);
    const behind = [...dirty.tasks].filter(([id, version]) => {
      const state = client.getQueryState<Task | null>(keys.task(id));
      if (state?.data === undefined) return state?.fetchStatus === 'fetching';
      return (state.data?.version ?? 0) < version;
    });
    await Promise.all(behind.map(([id]) => this.#invalidate(keys.task(id))));
  }

  #invalidate(queryKey: QueryKey): Promise<void> {
    return refresh(this.#options.client, { queryKey, exact: true });
  }
}
