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

  /** Takes rows that the server just answered with: into the lists where they belong, out of the others. */
  put(...answered: readonly Task[]): void {
    const rows = this.#withSubtasks(answered);
    for (const [key, tasks, bucket] of this.#lists()) {
      const next = merged(tasks, rows, bucket);
      this.#write(key, next ?? tasks, next !== null);
    }
    for (const row of rows.values()) this.#single(row);
  }

  /** Takes a whole bucket that the server just answered with. */
  putBucket(bucket: Bucket, answered: readonly Task[]): void {
    this.put(...answered);
    const ids = new Set(answered.map((task) => task.id));
    const tasks = this.#client.getQueryData<Task[]>(bucketKey(bucket));
    const kept = tasks?.filter((task) => ids.has(task.id)) ?? [];
    if (tasks && kept.length < tasks.length) this.#write(bucketKey(bucket), kept, true);
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

  /** Most answers leave subtasks out: those that are held go on. */
  #withSubtasks(answered: readonly Task[]): Map<string, Task> {
    const ids = new Set(answered.map((task) => task.id));
    const held = new Map<string, Subtask[]>();
    const single = (id: string) => this.#client.getQueryData<Task | null>(keys.task(id));
    for (const id of ids) held.set(id, single(id)?.subtasks ?? []);
    for (const [, tasks] of this.#lists()) {
      for (const task of tasks) if (ids.has(task.id) && task.subtasks) held.set(task.id, task.subtasks);
    }
    return new Map(answered.map((task) => [task.id, { ...task, subtasks: task.subtasks ?? held.get(task.id) ?? [] }]));
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

/** The list with the rows taken over; null when nothing of it changes. */
function merged(tasks: readonly Task[], rows: ReadonlyMap<string, Task>, bucket: Bucket): Task[] | null {
  const held = new Set(tasks.map((task) => task.id));
  const arriving = [...rows.values()].filter((row) => !held.has(row.id) && belongs(row, bucket) === true);
  if (arriving.length === 0 && !tasks.some((task) => rows.has(task.id))) return null;
  const kept = tasks.flatMap((task) => {
    const row = rows.get(task.id) ?? task;
    return row === task || (belongs(row, bucket) ?? true) ? [row] : [];
  });
  const next = [...kept, ...arriving];
  return bucket.kind === 'search' ? next : next.sort(compareTasks);
}
