/** Every way in which a person changes tasks here: shown at once, sent in order, taken back if refused. */

import type { Api } from '../api/api';
import { ApiError } from '../api/errors';
import type { NewTask, Task, TaskChanges } from '../api/models';
import { BACKLOG } from '../realtime/event-types';
import type { BlockStore } from './block-store';
import type { TaskEffect } from './effects';
import type { Outbox } from './outbox';
import type { TaskStore } from './task-store';
import { TextClash, clashingFields, isDone } from './text-conflict';
import type { TextChanges } from './text-conflict';

/** Behind everything that the server has numbered. */
const LAST_POSITION = 2 ** 31;
/** Where others write as fast as we retry, a person is asked after so many tries. */
const MOST_TRIES = 5;
const UNSAVED_PREFIX = 'unsaved-';
/** The most that one reorder may name. */
export const LONGEST_ORDER = 1_000;

export interface TaskWritesOptions {
  api: Api;
  outbox: Outbox;
  tasks: TaskStore;
  blocks: BlockStore;
  newId: () => string;
  nowIso: () => string;
}

export function unsavedId(key: string): string {
  return UNSAVED_PREFIX + key;
}

/** Of a row whose creation has not been answered: it has no address yet. */
export function isUnsaved(id: string): boolean {
  return id.startsWith(UNSAVED_PREFIX);
}

export class TaskWrites {
  readonly #options: TaskWritesOptions;
  #createdCount = 0;
  #restoringCount = 0;
  readonly #restored: Task[] = [];

  constructor(options: TaskWritesOptions) {
    this.#options = options;
  }

  create(task: NewTask): Promise<Task> {
    const { api, newId } = this.#options;
    const key = newId();
    const row = this.#drafted(task, unsavedId(key));
    const effect = { ids: new Set([row.id]), snapshots: [row], change: (same: Task) => same };
    return this.#add(effect, async () => this.#take((await api.tasks.create(task, key)).data));
  }

  change(task: Task, changes: TaskChanges): Promise<Task> {
    const isMoved = changes.scheduledDate !== undefined && changes.scheduledDate !== task.scheduledDate;
    const effect = changing(task, (row) => ({ ...row, ...changes, position: isMoved ? LAST_POSITION : row.position }));
    return this.#add(effect, async () => this.#take((await this.#options.api.tasks.change(task.id, changes)).data));
  }

  /** Title and notes, starting from `base`. Rejects with TextClash when the same field was changed elsewhere. */
  changeText(base: Task, changes: TextChanges): Promise<Task> {
    const effect = changing(base, (row) => ({ ...row, ...changes }));
    return this.#add(effect, () => this.#saveText(base, changes));
  }

  setDone(task: Task, isCompleted: boolean): Promise<Task> {
    const { api, nowIso } = this.#options;
    const effect = changing(task, (row) => ({ ...row, completedAt: isCompleted ? nowIso() : null }));
    const send = () => (isCompleted ? api.tasks.complete(task.id) : api.tasks.uncomplete(task.id));
    return this.#add(effect, async () => this.#take((await send()).data));
  }

  /**
   * Puts the tasks into the place, in the order of `order`, which names every task that is to come before them too.
   * `place` is a day or null for the backlog.
   */
  arrange(moved: readonly Task[], place: string | null, order: readonly string[]): Promise<Task[]> {
    const { api, tasks } = this.#options;
    const movedIds = new Set(moved.map((task) => task.id));
    const effect: TaskEffect = {
      ids: new Set(order),
      snapshots: moved,
      change: (row) => {
        const isHere = movedIds.has(row.id) || row.scheduledDate === place;
        return isHere ? { ...row, scheduledDate: place, position: order.indexOf(row.id) - order.length } : row;
      },
    };
    return this.#add(effect, async () => {
      // Whom somebody else has taken away meanwhile is not to be brought back.
      const ids = order.filter((id) => movedIds.has(id) || tasks.find(id)?.scheduledDate === place);
      const { data } = await api.tasks.reorder(place ?? BACKLOG, ids.slice(0, LONGEST_ORDER));
      tasks.put(...data);
      this.#options.blocks.showTasks(...data);
      return data;
    });
  }

  remove(task: Task): Promise<void> {
    const { api, tasks, blocks } = this.#options;
    const effect: TaskEffect = { ids: new Set([task.id]), snapshots: [], change: () => null };
    return this.#add(effect, async () => {
      await ignoringGone(api.tasks.remove(task.id));
      tasks.depart({ taskId: task.id });
      blocks.dropTask(task.id);
    });
  }

  async restore(id: string): Promise<Task> {
    this.#restoringCount += 1;
    try {
      const task = await this.#add(undefined, async () => (await this.#options.api.tasks.restore(id)).data);
      this.#restored.push(task);
      return task;
    } finally {
      this.#restoringCount -= 1;
      if (this.#restoringCount === 0) this.#showRestored();
    }
  }

  /** The answers have neither the subtasks nor the blocks that came back: they are fetched, once for all. */
  #showRestored(): void {
    const restored = this.#restored.splice(0);
    if (restored.length === 0) return;
    this.#options.tasks.refresh(restored);
    this.#options.blocks.refreshAll();
  }

  #add<T>(effect: TaskEffect | undefined, send: () => Promise<T>): Promise<T> {
    return this.#options.outbox.add({ tasks: effect, send });
  }

  #take(task: Task): Task {
    this.#options.tasks.put(task);
    this.#options.blocks.showTasks(task);
    return task;
  }

  async #saveText(base: Task, changes: TextChanges): Promise<Task> {
    let current = this.#options.tasks.find(base.id) ?? base;
    for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
      if (isDone(current, changes)) return current;
      const fields = clashingFields(base, current, changes);
      if (fields.length > 0) throw new TextClash(current, fields);
      try {
        return this.#take((await this.#options.api.tasks.change(base.id, changes, current.version)).data);
      } catch (error) {
        current = this.#take(staleOr(error));
      }
    }
    throw new TextClash(current, Object.keys(changes) as TextClash['fields']);
  }

  #drafted(task: NewTask, id: string): Task {
    const nowIso = this.#options.nowIso();
    return {
      id,
      userId: '',
      title: task.title,
      notes: task.notes ?? null,
      scheduledDate: task.scheduledDate ?? null,
      estimatedMins: task.estimatedMins ?? null,
      actualMins: 0,
      priority: task.priority ?? 'P2',
      completedAt: null,
      position: LAST_POSITION + (this.#createdCount += 1),
      subtasksHidden: false,
      version: 0,
      createdAt: nowIso,
      updatedAt: nowIso,
      subtasks: [],
    };
  }
}

export function changing(task: Task, change: (row: Task) => Task): TaskEffect {
  return { ids: new Set([task.id]), snapshots: [task], change };
}

/** What is gone already need not be deleted. */
export async function ignoringGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

/** The row as it stands, out of a 412; any other failure goes on. */
function staleOr(error: unknown): Task {
  if (error instanceof ApiError && error.status === 412) return error.current as Task;
  throw error;
}
