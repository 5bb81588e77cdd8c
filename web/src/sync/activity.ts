/** What others just did: a mark on each row for a few seconds, one notice when it was much at once. */

import type { Clock } from '../realtime/clock';
import { Emitter } from '../realtime/emitter';
import type { DataEvent } from '../realtime/frames';
import { actorName, deedOf, subjectsOf } from './activity-text';
import type { NewNotice } from './notices';

const MARKED_MS = 5_000;
/** Changes of one actor with no longer pause between them belong together. */
const PAUSE_MS = 1_500;
/** From so many rows on they are counted, not told one by one. */
const MANY_ROWS = 5;

export interface Mark {
  readonly who: string;
  readonly text: string;
}

interface Spree {
  lastMs: number;
  taskIds: Set<string>;
  noticeId: number | undefined;
}

export interface ActivityOptions {
  clock: Clock;
  today: () => string;
  titleOf: (id: string) => string | null;
  show: (notice: NewNotice, replacing?: number) => number;
  restore: (event: DataEvent) => void;
}

export class Activity {
  readonly #options: ActivityOptions;
  readonly #changes = new Emitter<undefined>();
  readonly #marks = new Map<string, Mark>();
  readonly #sprees = new Map<string, Spree>();
  /** The rows of the last spree, for "show". */
  #listed: { who: string; taskIds: readonly string[] } | null = null;

  constructor(options: ActivityOptions) {
    this.#options = options;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  markOf(id: string): Mark | undefined {
    return this.#marks.get(id);
  }

  get listed(): { who: string; taskIds: readonly string[] } | null {
    return this.#listed;
  }

  closeList(): void {
    this.#listed = null;
    this.#changes.emit(undefined);
  }

  noticed(event: DataEvent): void {
    const who = actorName(event.actor);
    const deed = deedOf(event, this.#options.today());
    const ids = subjectsOf(event);
    if (deed === null || ids.length === 0) return;
    const spree = this.#spreeOf(who);
    for (const id of ids) spree.taskIds.add(id);
    for (const id of ids) this.#mark(id, { who, text: spree.taskIds.size > MANY_ROWS ? '' : `${who} ${deed}` });
    if (spree.taskIds.size > MANY_ROWS) this.#tellSpree(who, spree);
    else if (event.type === 'task:deleted' || event.type === 'timeblock:deleted') this.#tellDeletion(event, who, ids[0] ?? '');
    this.#changes.emit(undefined);
  }

  #spreeOf(who: string): Spree {
    const nowMs = this.#options.clock.now();
    const last = this.#sprees.get(who);
    const spree = last && nowMs - last.lastMs <= PAUSE_MS ? last : { lastMs: 0, taskIds: new Set<string>(), noticeId: undefined };
    spree.lastMs = nowMs;
    this.#sprees.set(who, spree);
    return spree;
  }

  #tellSpree(who: string, spree: Spree): void {
    const taskIds = spree.taskIds;
    spree.noticeId = this.#options.show(
      {
        text: `${who} changed ${taskIds.size} tasks`,
        tone: 'info',
        action: { label: 'Show', run: () => this.#list(who, [...taskIds]) },
      },
      spree.noticeId,
    );
  }

  #tellDeletion(event: DataEvent, who: string, id: string): void {
    const title = this.#options.titleOf(id);
    this.#options.show({
      text: title === null ? `${who} deleted something` : `${who} deleted “${title}”`,
      tone: 'info',
      action: { label: 'Undo', run: () => this.#options.restore(event) },
    });
  }

  #list(who: string, taskIds: readonly string[]): void {
    this.#listed = { who, taskIds };
    this.#changes.emit(undefined);
  }

  #mark(id: string, mark: Mark): void {
    this.#marks.set(id, mark);
    this.#options.clock.after(MARKED_MS, () => {
      if (this.#marks.get(id) !== mark) return;
      this.#marks.delete(id);
      this.#changes.emit(undefined);
    });
  }
}
