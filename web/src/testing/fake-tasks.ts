/** The fake server's tasks and subtasks. */

import type { Subtask, Task } from '../api/models';
import { BACKLOG } from '../realtime/event-types';
import { isRecord } from '../realtime/schema';
import { compareTasks } from '../sync/buckets';
import { isUnsaved } from '../sync/task-writes';
import type { FakeLog } from './fake-log';
import { fakeSubtask, fakeTask } from './fake-rows';
import type { FakeRequest, Outcome } from './fake-server';

export class FakeTasks {
  readonly rows = new Map<string, Task>();
  readonly #log: FakeLog;
  readonly #deleted = new Map<string, Task>();
  #created = 0;

  constructor(log: FakeLog) {
    this.#log = log;
  }

  get all(): Task[] {
    return [...this.rows.values()];
  }

  answer(request: FakeRequest): Outcome {
    const outcome = this.#done(request);
    if (!outcome || isWithSubtasks(request)) return outcome;
    return { ...outcome, data: bare(outcome.data), current: bare(outcome.current) };
  }

  #done(request: FakeRequest): Outcome {
    const [, resource, id, part, subId] = request.path.split('/');
    if (resource !== 'tasks') return null;
    if (id === undefined) return this.#create(request);
    if (id === 'reorder') return this.#reorder(request);
    if (part === 'restore') return this.#restore(id, request);
    const task = this.rows.get(id);
    if (!task) return { status: 404 };
    if (part === 'subtasks') return this.#subtasks(task, subId, request);
    if (part === 'complete') return this.#save(task, { completedAt: task.completedAt ?? 'now' }, request);
    if (part === 'uncomplete') return this.#save(task, { completedAt: null }, request);
    if (request.method === 'GET') return { data: task };
    if (request.ifVersion !== null && request.ifVersion !== task.version) return { status: 412, current: task };
    if (request.method === 'DELETE') return this.#delete(task, request);
    return this.#save(task, request.body, request);
  }

  #create({ body, actor, origin }: FakeRequest): Outcome {
    const place = (body.scheduledDate ?? null) as string | null;
    const task = fakeTask({ ...(body as Partial<Task>), id: `new-${(this.#created += 1)}`, position: this.#end(place) });
    this.rows.set(task.id, task);
    this.#log.append('task:created', { taskId: task.id, scheduledDate: place, version: 1 }, actor, origin);
    return { status: 201, data: task };
  }

  #save(task: Task, changes: Partial<Task>, { actor, origin }: FakeRequest): Outcome {
    const fields = Object.keys(changes).filter((name) => task[name as keyof Task] !== changes[name as keyof Task]);
    if (fields.length === 0) return { data: task };
    const next = { ...task, ...changes, version: task.version + 1 };
    const hasMoved = next.scheduledDate !== task.scheduledDate;
    if (hasMoved && changes.position === undefined) next.position = this.#end(next.scheduledDate);
    this.rows.set(task.id, next);
    const type = changes.completedAt && !task.completedAt ? 'task:completed' : 'task:updated';
    const moved = hasMoved ? { previousScheduledDate: task.scheduledDate } : {};
    const { id: taskId, scheduledDate, version } = next;
    this.#log.append(type, { taskId, scheduledDate, version, fields, ...moved }, actor, origin);
    return { data: next };
  }

  #delete(task: Task, { actor, origin }: FakeRequest): Outcome {
    this.rows.delete(task.id);
    this.#deleted.set(task.id, task);
    const { id: taskId, scheduledDate, version } = task;
    this.#log.append('task:deleted', { taskId, scheduledDate, version: version + 1 }, actor, origin);
    return {};
  }

  #restore(id: string, { actor, origin }: FakeRequest): Outcome {
    const deleted = this.#deleted.get(id);
    if (!deleted) return { status: 404 };
    const task = { ...deleted, version: deleted.version + 2 };
    this.rows.set(id, task);
    const { scheduledDate, version } = task;
    this.#log.append('task:created', { taskId: id, scheduledDate, version, timeBlockIds: [] }, actor, origin);
    return { data: task };
  }

  #reorder({ body, actor, origin }: FakeRequest): Outcome {
    const { date, taskIds } = body as { date: string; taskIds: string[] };
    const place = date === BACKLOG ? null : date;
    const moved = taskIds.flatMap((taskId) => {
      const task = this.rows.get(taskId);
      return task && task.scheduledDate !== place ? [{ taskId, previousScheduledDate: task.scheduledDate }] : [];
    });
    const others = this.#bucket(place).filter((task) => !taskIds.includes(task.id));
    const order = [...taskIds.flatMap((id) => this.rows.get(id) ?? []), ...others];
    order.forEach((task, position) => {
      const isSame = task.position === position && task.scheduledDate === place;
      if (!isSame) this.rows.set(task.id, { ...task, position, scheduledDate: place, version: task.version + 1 });
    });
    const payload = { date, taskIds: order.map((task) => task.id), ...(moved.length > 0 ? { moved } : {}) };
    this.#log.append('task:reordered', payload, actor, origin);
    return { data: this.#bucket(place) };
  }

  #subtasks(task: Task, subId: string | undefined, request: FakeRequest): Outcome {
    const subtasks = task.subtasks ?? [];
    if (request.method === 'GET') return { data: subtasks };
    if (subId === 'reorder') return this.#reorderSubtasks(task, request);
    const made = fakeSubtask({ ...(request.body as Partial<Subtask>), id: `sub-${(this.#created += 1)}`, taskId: task.id });
    if (subId === undefined) return this.#saveSubtasks(task, [...subtasks, made], request, made);
    if (request.method === 'DELETE') return this.#saveSubtasks(task, subtasks.filter((row) => row.id !== subId), request, undefined);
    const changed = subtasks.map((row) => (row.id === subId ? { ...row, ...request.body } : row));
    return this.#saveSubtasks(task, changed, request, changed.find((row) => row.id === subId));
  }

  #reorderSubtasks(task: Task, request: FakeRequest): Outcome {
    const order = request.body.subtaskIds as string[];
    if (order.some((id) => isUnsaved(id))) return { status: 400 };
    const rank = (row: Subtask) => (order.includes(row.id) ? order.indexOf(row.id) : order.length);
    const subtasks = [...(task.subtasks ?? [])].sort((a, b) => rank(a) - rank(b));
    return this.#saveSubtasks(task, subtasks, request, subtasks);
  }

  #saveSubtasks(task: Task, subtasks: Subtask[], request: FakeRequest, data: unknown): Outcome {
    this.#save(task, { subtasks }, request);
    return { data };
  }

  #bucket(place: string | null): Task[] {
    return this.all.filter((task) => task.scheduledDate === place).sort(compareTasks);
  }

  #end(place: string | null): number {
    return Math.max(-1, ...this.#bucket(place).map((task) => task.position)) + 1;
  }
}

export function isWithSubtasks({ query }: FakeRequest): boolean {
  return query.get('includeSubtasks') === 'true';
}

/** A task, or a list of them, as the wire has it where the subtasks were not asked for. */
export function bare<T>(data: T): T {
  if (Array.isArray(data)) return data.map(bare) as T;
  if (!isRecord(data) || !('subtasks' in data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== 'subtasks')) as T;
}
