/** What others just did: a mark on each row for a few seconds, one notice when it was much at once. */

import type { Clock } from '../realtime/clock';
import { Emitter } from '../realtime/emitter';
import type { DataEvent } from '../realtime/frames';
import { actorName, countWords, deedOf, subjectsOf } from './activity-text';
import type { Row } from './activity-text';
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

/** Many changes of one actor. */
export interface Listed {
  readonly who: string;
  readonly rows: readonly Row[];
  /** Those that are gone, and can be brought back. */
  readonly deleted: readonly Row[];
}

interface Spree {
  lastMs: number;
  /** By their ids. */
  rows: Map<string, Row>;
  deleted: Map<string, Row>;
  noticeId: number | undefined;
}

export interface ActivityOptions {
  clock: Clock;
  today: () => string;
  titleOf: (id: string) => string | null;
  show: (notice: NewNotice, replacing?: number) => number;
  restore: (row: Row) => void;
}

export class Activity {
  readonly #options: ActivityOptions;
  readonly #changes = new Emitter<undefined>();
  readonly #marks = new Map<string, Mark>();
  readonly #sprees = new Map<string, Spree>();
  /** The rows of the last spree, for "show". */
  #listed: Listed | null = null;

  constructor(options: ActivityOptions) {
    this.#options = options;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  markOf(id: string): Mark | undefined {
    return this.#marks.get(id);
  }

  get listed(): Listed | null {
    return this.#listed;
  }

  closeList(): void {
    this.#listed = null;
    this.#changes.emit(undefined);
  }

  restore(rows: readonly Row[]): void {
    for (const row of rows) this.#options.restore(row);
  }

  noticed(event: DataEvent): void {
    const who = actorName(event.actor);
    const deed = deedOf(event, this.#options.today());
    const rows = subjectsOf(event);
    if (deed === null || rows.length === 0) return;
    const isDeletion = event.type === 'task:deleted' || event.type === 'timeblock:deleted';
    const spree = this.#spreeOf(who);
    for (const row of rows) add(spree, row, isDeletion);
    const isMany = spree.rows.size > MANY_ROWS;
    for (const { id } of rows) this.#mark(id, { who, text: isMany ? '' : `${who} ${deed}` });
    if (isMany) this.#tellSpree(who, spree);
    else if (isDeletion) this.#tellDeletion(who, rows);
    this.#changes.emit(undefined);
  }

  #spreeOf(who: string): Spree {
    const nowMs = this.#options.clock.now();
    const last = this.#sprees.get(who);
    const isOn = last !== undefined && nowMs - last.lastMs <= PAUSE_MS;
    const spree = isOn ? last : { lastMs: 0, rows: new Map<string, Row>(), deleted: new Map<string, Row>(), noticeId: undefined };
    spree.lastMs = nowMs;
    this.#sprees.set(who, spree);
    return spree;
  }

  #tellSpree(who: string, spree: Spree): void {
    const [rows, deleted] = [[...spree.rows.values()], [...spree.deleted.values()]];
    const isAllDeleted = deleted.length === rows.length;
    const action = isAllDeleted
      ? { label: 'Undo', run: () => this.restore(deleted) }
      : { label: 'Show', run: () => this.#list({ who, rows, deleted }) };
    const text = `${who} ${isAllDeleted ? 'deleted' : 'changed'} ${countWords(rows)}`;
    spree.noticeId = this.#options.show({ text, tone: 'info', action }, spree.noticeId);
  }

  #tellDeletion(who: string, rows: readonly Row[]): void {
    const title = this.#options.titleOf(rows[0]?.id ?? '');
    this.#options.show({
      text: title === null ? `${who} deleted something` : `${who} deleted “${title}”`,
      tone: 'info',
      action: { label: 'Undo', run: () => this.restore(rows) },
    });
  }

  #list(listed: Listed): void {
    this.#listed = listed;
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

function add({ rows, deleted }: Spree, row: Row, isDeletion: boolean): void {
  rows.set(row.id, row);
  if (isDeletion) deleted.set(row.id, row);
  else deleted.delete(row.id);
}
