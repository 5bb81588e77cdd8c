/** The fetched tasks: one query per list, and the few ways in which rows change without a refetch. */

import type { Query, QueryClient } from '@tanstack/react-query';

import type { Subtask, Task } from '../api/models';
import { belongs, bucketOf, compareTasks, keys } from './buckets';
import type { Bucket } from './buckets';
import type { Departure, Place } from './concerns';
import { Deletions } from './deletions';
import { changeHeld, changeHeldOnly, refresh } from './held-query';

export class TaskStore {
  readonly #client: QueryClient;
  readonly #deletions = new Deletions();

  constructor(client: QueryClient) {
    this.#client = client;
  }

  /** The newest row that any list holds. */
  find(id: string): Task | null {
    const single = this.#client.getQueryData<Task>(keys.task(id));
    return newest([...this.#lists().flat(), ...(single ? [single] : [])], id);
  }

  /** The newest row of the lists that nothing has made stale. */
  findFresh(id: string): Task | null {
    return newest(this.#lists(({ state }) => !state.isInvalidated).flat(), id);
  }

  /** Takes rows that the server answered with: into the lists where they belong, out of the others. */
  put(...answered: readonly Task[]): void {
    const rows = this.#withSubtasks(answered.filter((task) => !this.#isOutdated(task)));
    if (rows.size === 0) return;
    changeHeld<Task[]>(this.#client, { queryKey: keys.tasks }, (tasks, key) => merged(tasks, rows, bucketOf(key)));
    for (const row of rows.values()) {
      changeHeld<Task | null>(this.#client, { queryKey: keys.task(row.id), exact: true }, () => row);
    }
  }

  /** Without those that were deleted while the answer was on its way. */
  alive(fetched: readonly Task[]): Task[] {
    return fetched.filter((task) => !this.#deletions.isFromBefore(task));
  }

  changeSubtasks(taskId: string, change: (subtasks: Subtask[]) => Subtask[]): void {
    const task = this.find(taskId);
    if (task) this.put({ ...task, subtasks: change(task.subtasks ?? []) });
  }

  /**
   * Takes out a task that left one place, or all; a row newer than that came back since and stays. Where this tab deleted
   * it, an answer on its way may still bring it.
   */
  depart({ taskId, from, version = Infinity }: Departure): void {
    const isOwnDeletion = from === undefined && version === Infinity;
    const changeLists = isOwnDeletion ? changeHeld<Task[]> : changeHeldOnly<Task[]>;
    const hasLeft = (task: Task) =>
      task.id === taskId && task.version <= version && (from === undefined || task.scheduledDate === from);
    const mayHold = ({ queryKey }: Query) => from === undefined || isPlaceOf(bucketOf(queryKey), from);
    changeLists(this.#client, { queryKey: keys.tasks, predicate: mayHold }, (tasks) =>
      tasks.some(hasLeft) ? tasks.filter((task) => !hasLeft(task)) : undefined,
    );
    if (from !== undefined) return;
    if (version !== Infinity) this.#deletions.add(taskId, version);
    changeHeld<Task | null>(this.#client, { queryKey: keys.task(taskId), exact: true }, (held) =>
      held && hasLeft(held) ? null : undefined,
    );
  }

  /** Whether a list that can hold tasks of that place is being fetched. */
  isFetching(place: Place | undefined): boolean {
    if (place === undefined) return false;
    const mayHold = ({ queryKey }: Query) => isPlaceOf(bucketOf(queryKey), place);
    return this.#client.isFetching({ queryKey: keys.tasks, predicate: mayHold }) > 0;
  }

  /** Fetches anew what shows one of the tasks, or should. */
  refresh(tasks: readonly Task[]): void {
    const shows = ({ queryKey }: Query) => {
      const bucket = bucketOf(queryKey);
      return bucket !== null && tasks.some((task) => belongs(task, bucket) !== false);
    };
    void refresh(this.#client, { queryKey: keys.tasks, predicate: shows });
    for (const { id } of tasks) void refresh(this.#client, { queryKey: keys.task(id), exact: true });
  }

  /** This tab has made the version out of the one before it, by a write whose answer doesn't tell. */
  raise(taskId: string, version: number): void {
    const task = this.find(taskId);
    if (task?.version === version - 1) this.put({ ...task, version });
  }

  /** Lets an open panel share in what a list was just given. */
  share(tasks: readonly Task[]): void {
    for (const task of tasks) {
      const held = this.#client.getQueryData<Task>(keys.task(task.id));
      if (held && held.version <= task.version) this.#client.setQueryData(keys.task(task.id), task);
    }
  }

  /** The answer was overtaken: what came after it is held already. */
  #isOutdated(task: Task): boolean {
    return (this.find(task.id)?.version ?? 0) > task.version || this.#deletions.isFromBefore(task);
  }

  #lists(predicate: (query: Query) => boolean = () => true): Task[][] {
    const found = this.#client.getQueriesData<Task[]>({ queryKey: keys.tasks, predicate });
    return found.flatMap(([, tasks]) => (tasks ? [tasks] : []));
  }

  /** Most answers leave subtasks out: those that are held go on. */
  #withSubtasks(answered: readonly Task[]): Map<string, Task> {
    const ids = new Set(answered.map((task) => task.id));
    const held = new Map<string, Subtask[]>();
    const single = (id: string) => this.#client.getQueryData<Task | null>(keys.task(id));
    for (const id of ids) held.set(id, single(id)?.subtasks ?? []);
    for (const tasks of this.#lists()) {
      for (const task of tasks) if (ids.has(task.id) && task.subtasks) held.set(task.id, task.subtasks);
    }
    return new Map(answered.map((task) => [task.id, { ...task, subtasks: task.subtasks ?? held.get(task.id) ?? [] }]));
  }
}

function newest(tasks: readonly Task[], id: string): Task | null {
  const [first = null] = tasks.filter((task) => task.id === id).sort((a, b) => b.version - a.version);
  return first;
}

/** Whether a task of that day (null: of the backlog) can be in the bucket; what a search found doesn't depend on it. */
function isPlaceOf(bucket: Bucket | null, day: string | null): boolean {
  if (bucket?.kind === 'day') return bucket.date === day;
  if (bucket?.kind === 'earlier') return day !== null && day < bucket.before;
  return bucket?.kind === 'backlog' && day === null;
}

/** The list with the rows taken over; undefined when they don't concern it, the list itself when only a search could say. */
function merged(tasks: Task[], rows: ReadonlyMap<string, Task>, bucket: Bucket | null): Task[] | undefined {
  if (bucket === null) return undefined;
  const held = new Set(tasks.map((task) => task.id));
  const arriving = [...rows.values()].filter((row) => !held.has(row.id) && belongs(row, bucket) === true);
  const isConcerned = arriving.length > 0 || tasks.some((task) => rows.has(task.id));
  if (!isConcerned) return bucket.kind === 'search' ? tasks : undefined;
  const kept = tasks.flatMap((task) => {
    const row = rows.get(task.id) ?? task;
    return row === task || (belongs(row, bucket) ?? true) ? [row] : [];
  });
  const next = [...kept, ...arriving];
  return bucket.kind === 'search' ? next : next.sort(compareTasks);
}
