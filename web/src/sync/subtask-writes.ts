/** Every way in which a person changes the subtasks of a task here. */

import type { Api } from '../api/api';
import type { Subtask, SubtaskChanges, Task } from '../api/models';
import type { Outbox } from './outbox';
import type { TaskStore } from './task-store';
import { changing, ignoringGone, isUnsaved, unsavedId } from './task-writes';

export interface SubtaskWritesOptions {
  api: Api;
  outbox: Outbox;
  tasks: TaskStore;
  newId: () => string;
}

type Change = (subtasks: Subtask[]) => Subtask[];

export class SubtaskWrites {
  readonly #options: SubtaskWritesOptions;
  /** What became of ids that were made here. */
  readonly #saved = new Map<string, string>();

  constructor(options: SubtaskWritesOptions) {
    this.#options = options;
  }

  add(task: Task, title: string): Promise<void> {
    const key = this.#options.newId();
    const drafted = (subtasks: Subtask[]): Subtask => ({
      id: unsavedId(key),
      taskId: task.id,
      title,
      completed: false,
      position: subtasks.length,
      createdAt: '',
      updatedAt: '',
    });
    return this.#submit(task, (subtasks) => [...subtasks, drafted(subtasks)], async () => {
      const { data } = await this.#options.api.tasks.addSubtask(task.id, title, key);
      this.#saved.set(unsavedId(key), data.id);
      return (subtasks) => [...subtasks.filter((row) => row.id !== data.id), data];
    });
  }

  change(task: Task, id: string, changes: SubtaskChanges): Promise<void> {
    const change: Change = (subtasks) => subtasks.map((row) => (row.id === id ? { ...row, ...changes } : row));
    return this.#submit(task, change, async () => {
      const { data } = await this.#options.api.tasks.changeSubtask(task.id, id, changes);
      return (subtasks) => subtasks.map((row) => (row.id === id ? data : row));
    });
  }

  remove(task: Task, id: string): Promise<void> {
    const change: Change = (subtasks) => subtasks.filter((row) => row.id !== id);
    return this.#submit(task, change, async () => {
      await ignoringGone(this.#options.api.tasks.removeSubtask(task.id, id));
      return change;
    });
  }

  arrange(task: Task, order: readonly string[]): Promise<void> {
    const savedIds = () => order.map((id) => this.#saved.get(id) ?? id);
    const change: Change = (subtasks) => {
      const ids = savedIds();
      return [...subtasks].sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
    };
    return this.#submit(task, change, async () => {
      // One that was refused has no id.
      const ids = savedIds().filter((id) => !isUnsaved(id));
      const { data } = await this.#options.api.tasks.reorderSubtasks(task.id, ids);
      return () => data;
    });
  }

  /** `send` answers how the saved list is to be changed. */
  #submit(task: Task, change: Change, send: () => Promise<Change>): Promise<void> {
    const { outbox, tasks } = this.#options;
    const effect = changing(task, (row) => ({ ...row, subtasks: change(row.subtasks ?? []) }));
    return outbox.add({ tasks: effect, send: async () => tasks.changeSubtasks(task.id, await send()) });
  }
}
