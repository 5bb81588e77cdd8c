/**
 * Keeps what was fetched true: every event makes stale just what it concerns, and bursts are refreshed together.
 * Which queries exist and are shown is TanStack Query's affair; which events arrive, the Connection's.
 */

import type { QueryCacheNotifyEvent, QueryClient, QueryKey } from '@tanstack/react-query';

import type { EchoLedger } from '../api/echo';
import type { Task } from '../api/models';
import type { Clock } from '../realtime/clock';
import type { DataEvent } from '../realtime/frames';
import type { VisibilitySource } from '../realtime/visibility';
import type { BlockStore } from './block-store';
import { bucketOf, keys, placeKey } from './buckets';
import { concernsOf } from './concerns';
import type { Departure, Place } from './concerns';
import { Departures } from './departures';
import { Dirty } from './dirty';
import type { FrameSource } from './frame';
import { refresh } from './held-query';
import type { TaskStore } from './task-store';

/** Between two refreshes: short after a few events, a second after many, so that a burst costs a handful of requests. */
const SHORT_GAP_MS = 200;
const LONG_GAP_MS = 1_000;
const MANY_EVENTS = 5;
/** A refresh that takes longer no longer keeps the next one waiting. */
const LONGEST_WAIT_MS = 5_000;

export interface EventSyncOptions {
  client: QueryClient;
  tasks: TaskStore;
  blocks: BlockStore;
  ledger: EchoLedger;
  clock: Clock;
  frames: FrameSource;
  visibility: VisibilitySource;
  /** Told of every event that this tab did not cause, before it takes effect. */
  noticed: (event: DataEvent) => void;
}

export class EventSync {
  readonly #options: EventSyncOptions;
  #dirty = new Dirty();
  #departures = new Departures();
  /** Events of this tab that came before the answer of their write. */
  #held: DataEvent[] = [];
  #isBusy = false;

  constructor(options: EventSyncOptions) {
    this.#options = options;
    options.ledger.onIdle(() => this.#release());
    options.visibility.subscribe(() => this.#plan());
    options.client.getQueryCache().subscribe((event) => {
      if (isFetchedList(event)) this.#settle();
    });
  }

  receive(event: DataEvent): void {
    const { ledger, noticed } = this.#options;
    if (ledger.isAnswered(event)) return this.#recognised(event);
    if (ledger.isFromHere(event) && ledger.isWriting) {
      this.#held.push(event);
      return;
    }
    if (!ledger.isFromHere(event)) noticed(event);
    const concerns = concernsOf(event);
    this.#departures.add(concerns);
    this.#dirty.add(concerns);
    this.#plan();
  }

  /** Its effect is here already; only that a change of a subtask is one of its task has not been told. */
  #recognised(event: DataEvent): void {
    if (event.type === 'task:updated' && event.payload.fields?.includes('subtasks')) {
      this.#options.tasks.raise(event.payload.taskId, event.payload.version);
    }
  }

  /** Everything may have changed: all of it once, and no more of what was dirty before. */
  refreshAll(): void {
    this.#dirty = new Dirty();
    this.#dirty.isEverything = true;
    this.#departures = new Departures();
    this.#plan();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const event of held) this.receive(event);
  }

  /** A page that nobody looks at only remembers what it has to fetch. */
  #plan(): void {
    if (this.#isBusy || this.#dirty.isClean || !this.#options.visibility.isVisible()) return;
    this.#isBusy = true;
    this.#options.frames.next(() => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    const { clock } = this.#options;
    const dirty = this.#dirty;
    this.#dirty = new Dirty();
    await Promise.race([this.#fetch(dirty), new Promise<void>((goOn) => clock.after(LONGEST_WAIT_MS, goOn))]);
    clock.after(dirty.eventCount > MANY_EVENTS ? LONG_GAP_MS : SHORT_GAP_MS, () => {
      this.#isBusy = false;
      this.#plan();
    });
  }

  async #fetch(dirty: Dirty): Promise<void> {
    const { client, blocks } = this.#options;
    if (dirty.isEverything) return refresh(client);
    for (const { timeBlockId, version } of dirty.blockDepartures) blocks.remove(timeBlockId, version);
    const fetched = this.#staleKeys(dirty).map((key) => this.#invalidate(key));
    this.#settle();
    await Promise.all(fetched);
    await Promise.all(this.#tasksBehind(dirty).map((id) => this.#invalidate(keys.task(id))));
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

  /**
   * Takes out what has left, once the list that it went to is there to show it, and no list that it left is being fetched:
   * that answer may be from before.
   */
  #settle(): void {
    const { client, tasks, blocks } = this.#options;
    const isBehind = (place?: Place) =>
      place !== undefined &&
      client.getQueryCache().findAll({ queryKey: placeKey(place), type: 'active' }).some((query) => query.state.isInvalidated);
    const mayGo = ({ from, to }: Departure) => !isBehind(from) && !isBehind(to) && !tasks.isFetching(from);
    for (const departure of this.#departures.take(mayGo)) {
      this.#refreshPanel(departure);
      tasks.depart(departure);
      if (departure.from === undefined) blocks.dropTask(departure.taskId, departure.version);
    }
  }

  /** A new order doesn't tell versions: a panel that still shows the day before it is behind. */
  #refreshPanel({ taskId, from, version }: Departure): void {
    const held = this.#options.client.getQueryData<Task | null>(keys.task(taskId));
    if (held && version === undefined && held.scheduledDate === from) void this.#invalidate(keys.task(taskId));
  }

  /** The open panels whose task no list has brought. */
  #tasksBehind(dirty: Dirty): string[] {
    const isBehind = (id: string, version: number) => {
      const state = this.#options.client.getQueryState<Task | null>(keys.task(id));
      if (state?.data === undefined) return state?.fetchStatus === 'fetching';
      return (state.data?.version ?? 0) < version;
    };
    return [...dirty.tasks].flatMap(([id, version]) => (isBehind(id, version) ? [id] : []));
  }

  #invalidate(queryKey: QueryKey): Promise<void> {
    return refresh(this.#options.client, { queryKey, exact: true });
  }
}

/** Not one that was changed without a fetch. */
function isFetchedList(event: QueryCacheNotifyEvent): boolean {
  if (event.type !== 'updated' || event.action.type !== 'success' || event.action.manual) return false;
  return bucketOf(event.query.queryKey as QueryKey) !== null;
}
