/** The fake server's time blocks. */

import type { TimeBlock } from '../api/models';
import { cascade } from '../sync/cascade';
import { minutesOf, timeOf } from '../sync/dates';
import type { FakeLog } from './fake-log';
import { fakeBlock } from './fake-rows';
import type { FakeRequest, Outcome } from './fake-server';
import { bare } from './fake-tasks';
import type { FakeTasks } from './fake-tasks';

export class FakeBlocks {
  readonly rows = new Map<string, TimeBlock>();
  readonly #log: FakeLog;
  readonly #tasks: FakeTasks;
  #created = 0;

  constructor(log: FakeLog, tasks: FakeTasks) {
    this.#log = log;
    this.#tasks = tasks;
  }

  get all(): TimeBlock[] {
    return [...this.rows.values()].map((block) => this.#withTask(block));
  }

  answer(request: FakeRequest): Outcome {
    const [, resource, id, part] = request.path.split('/');
    if (resource !== 'time-blocks') return null;
    if (id === undefined && request.method === 'GET') {
      return { data: this.all.filter((block) => block.date === request.query.get('date')) };
    }
    if (id === undefined) return this.#create(request.body, request);
    if (id === 'quick-schedule') return this.#quickSchedule(request);
    const block = this.rows.get(id);
    if (!block) return { status: 404 };
    if (part === 'cascade-resize') return this.#cascade(block, request);
    return request.method === 'DELETE' ? this.#delete(block, request) : this.#save(block, request.body, request);
  }

  #quickSchedule(request: FakeRequest): Outcome {
    const { taskId, date, startTime, durationMins } = request.body as Record<string, string> & { durationMins: number };
    const title = this.#tasks.rows.get(taskId ?? '')?.title;
    const endTime = timeOf(minutesOf(startTime ?? '') + durationMins);
    return this.#create({ taskId, date, startTime, endTime, title }, request);
  }

  #create(fields: Partial<TimeBlock>, { actor, origin }: FakeRequest): Outcome {
    const block = fakeBlock({ ...fields, id: `block-${(this.#created += 1)}` });
    this.rows.set(block.id, block);
    this.#log.append('timeblock:created', { timeBlockId: block.id, date: block.date, version: 1 }, actor, origin);
    return { status: 201, data: this.#withTask(block) };
  }

  #cascade(block: TimeBlock, request: FakeRequest): Outcome {
    const day = this.all.filter((other) => other.date === block.date);
    const slot = request.body as { startTime: string; endTime: string };
    const slots = cascade(day, block, slot);
    const isNew = ({ id, startTime, endTime }: TimeBlock) => {
      const slot = slots.get(id);
      return slot !== undefined && (slot.startTime !== startTime || slot.endTime !== endTime);
    };
    const changed = new Set(day.filter(isNew).map(({ id }) => id));
    for (const id of changed) this.#save(this.rows.get(id) ?? block, slots.get(id) ?? {}, request);
    return { data: this.all.filter((other) => changed.has(other.id)) };
  }

  #save(block: TimeBlock, changes: Partial<TimeBlock>, { actor, origin }: FakeRequest): Outcome {
    const next = fakeBlock({ ...block, ...changes, version: block.version + 1 });
    this.rows.set(block.id, next);
    const moved = next.date === block.date ? {} : { previousDate: block.date };
    const payload = { timeBlockId: block.id, date: next.date, version: next.version, fields: Object.keys(changes), ...moved };
    this.#log.append('timeblock:updated', payload, actor, origin);
    return { data: this.#withTask(next) };
  }

  #delete(block: TimeBlock, { actor, origin }: FakeRequest): Outcome {
    this.rows.delete(block.id);
    const payload = { timeBlockId: block.id, date: block.date, version: block.version + 1 };
    this.#log.append('timeblock:deleted', payload, actor, origin);
    return {};
  }

  #withTask(block: TimeBlock): TimeBlock {
    return { ...block, task: bare(this.#tasks.rows.get(block.taskId ?? '') ?? null) };
  }
}
