/** The fetched tasks: one query per list, and the few ways in which rows change without a refetch. */

import type { QueryClient, QueryKey } from '@tanstack/react-query';

import type { Subtask, Task } from '../api/models';
import { belongs, bucketKey, bucketOf, compareTasks, keys } from './buckets';
import type { Bucket } from './buckets';
import type { Departure } from './concerns';

export class TaskStore {
  readonly #client: QueryClient;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  /** The newest row that any list holds. */
  find(id: string): Task | null {
    const rows = [...this.#lists()].flatMap(([, tasks]) => tasks.filter((task) => task.id === id));
    const single = this.#client.getQueryData<Task>(keys.task(id));
    const newest = [...rows, ...(single ? [single] : [])].sort((a, b) => b.version - a.version);
    return newest[0] ?? null;
  }

  /** Takes a row that the server just answered with: into the lists where it belongs, out of the others. */
  put(answered: Task): void {
    const task = { ...answered, subtasks: answered.subtasks ?? this.find(answered.id)?.subtasks ?? [] };
    for (const [key, tasks, bucket] of this.#lists()) {
      const isThere = tasks.some((row) => row.id === task.id);
      if (!(belongs(task, bucket) ?? isThere)) this.#write(key, without(tasks, task.id), isThere);
      else this.#write(key, withRow(tasks, task, bucket), true);
    }
    this.#single(task);
  }

  /** Takes a whole bucket that the server just answered with. */
  putBucket(bucket: Bucket, answered: readonly Task[]): void {
    for (const task of answered) this.put(task);
    const ids = new Set(answered.map((task) => task.id));
    const tasks = this.#client.getQueryData<Task[]>(bucketKey(bucket));
    if (tasks) this.#write(bucketKey(bucket), tasks.filter((task) => ids.has(task.id)), true);
  }

  changeSubtasks(taskId: string, change: (subtasks: Subtask[]) => Subtask[]): void {
    const task = this.find(taskId);
    if (task) this.put({ ...task, subtasks: change(task.subtasks ?? []) });
  }

  /** Takes out a task that left one place, or all; a row newer than that came back since and stays. */
  depart({ taskId, from, version = Infinity }: Departure): void {
    for (const [key, tasks, bucket] of this.#lists()) {
      if (from !== undefined && bucket.kind === 'search') continue;
      const hasLeft = (task: Task) =>
        task.id === taskId && task.version <= version && (from === undefined || task.scheduledDate === from);
      const kept = tasks.filter((task) => !hasLeft(task));
      this.#write(key, kept, kept.length < tasks.length);
    }
    if (from === undefined) this.#client.setQueryData(keys.task(taskId), (held) => (held === undefined ? held : null));
  }

  /** Lets an open panel share in what a list was just given. */
  share(tasks: readonly Task[]): void {
    for (const task of tasks) {
      const held = this.#client.getQueryData<Task>(keys.task(task.id));
      if (held && held.version <= task.version) this.#client.setQueryData(keys.task(task.id), task);
    }
  }

  *#lists(): Iterable<[QueryKey, Task[], Bucket]> {
    for (const [key, tasks] of this.#client.getQueriesData<Task[]>({ queryKey: keys.tasks })) {
      const bucket = bucketOf(key);
      if (tasks && bucket) yield [key, tasks, bucket];
    }
  }

  #single(task: Task): void {
    if (this.#client.getQueryData(keys.task(task.id)) !== undefined) this.#client.setQueryData(keys.task(task.id), task);
  }

  /** A fetch that was on its way while the row changed may bring the old row back: it is sent again. */
  #write(key: QueryKey, tasks: Task[], isChanged: boolean): void {
    const query = this.#client.getQueryCache().find({ queryKey: key, exact: true });
    if (query?.state.fetchStatus === 'fetching') void this.#client.invalidateQueries({ queryKey: key, exact: true });
    if (!isChanged) return;
    // Setting data would declare a list fresh that an event has made stale meanwhile.
    const isStale = query?.state.isInvalidated ?? false;
    this.#client.setQueryData(key, tasks);
    if (isStale) query?.invalidate();
  }
}

function without(tasks: Task[], id: string): Task[] {
  return tasks.filter((task) => task.id !== id);
}

function withRow(tasks: Task[], task: Task, bucket: Bucket): Task[] {
  const isThere = tasks.some((row) => row.id === task.id);
  const rows = isThere ? tasks.map((row) => (row.id === task.id ? task : row)) : [...tasks, task];
  return bucket.kind === 'search' ? rows : rows.sort(compareTasks);
}
