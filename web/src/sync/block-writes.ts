/** Every way in which a person changes time blocks here. */

import type { Api } from '../api/api';
import type { Task, TimeBlock, TimeBlockChanges } from '../api/models';
import type { BlockStore } from './block-store';
import { cascade } from './cascade';
import type { Slot } from './cascade';
import { minutesOf } from './dates';
import type { BlockEffect } from './effects';
import type { Outbox } from './outbox';
import { ignoringGone, unsavedId } from './task-writes';

export const DEFAULT_COLOR = '#3B82F6';

export interface BlockWritesOptions {
  api: Api;
  outbox: Outbox;
  blocks: BlockStore;
  newId: () => string;
  nowIso: () => string;
}

export class BlockWrites {
  readonly #options: BlockWritesOptions;

  constructor(options: BlockWritesOptions) {
    this.#options = options;
  }

  create(title: string, date: string, slot: Slot): Promise<TimeBlock> {
    const { api, newId } = this.#options;
    const key = newId();
    return this.#add(drafted(key, title, date, slot, null), async () =>
      this.#take((await api.timeBlocks.create({ title, date, ...slot }, key)).data),
    );
  }

  schedule(task: Task, date: string, slot: Slot): Promise<TimeBlock> {
    const { api, newId } = this.#options;
    const key = newId();
    const durationMins = minutesOf(slot.endTime) - minutesOf(slot.startTime);
    const where = { taskId: task.id, date, startTime: slot.startTime, durationMins };
    return this.#add(drafted(key, task.title, date, slot, task), async () =>
      this.#take((await api.timeBlocks.quickSchedule(where, key)).data),
    );
  }

  /** Into the first gap that the server finds. */
  autoSchedule(task: Task): Promise<TimeBlock> {
    const { api, newId, nowIso } = this.#options;
    const key = newId();
    return this.#add(undefined, async () => this.#take((await api.timeBlocks.autoSchedule(task.id, nowIso(), key)).data));
  }

  change(block: TimeBlock, changes: TimeBlockChanges): Promise<TimeBlock> {
    const effect: BlockEffect = {
      ids: new Set([block.id]),
      snapshots: [block],
      change: (row) => timed({ ...row, ...changes }),
    };
    return this.#add(effect, async () =>
      this.#take((await this.#options.api.timeBlocks.change(block.id, changes)).data),
    );
  }

  /** Later blocks of the day make way. */
  resize(block: TimeBlock, day: readonly TimeBlock[], slot: Slot): Promise<TimeBlock[]> {
    const slots = cascade(day, block, slot);
    const effect: BlockEffect = {
      ids: new Set(slots.keys()),
      snapshots: [],
      change: (row) => timed({ ...row, ...slots.get(row.id) }),
    };
    return this.#add(effect, async () => {
      const { data } = await this.#options.api.timeBlocks.cascadeResize(block.id, slot.startTime, slot.endTime);
      return data.map((row) => this.#take(row));
    });
  }

  remove(block: TimeBlock): Promise<void> {
    const effect: BlockEffect = { ids: new Set([block.id]), snapshots: [], change: () => null };
    return this.#add(effect, async () => {
      await ignoringGone(this.#options.api.timeBlocks.remove(block.id));
      this.#options.blocks.remove(block.id);
    });
  }

  restore(id: string): Promise<TimeBlock> {
    return this.#add(undefined, async () => this.#take((await this.#options.api.timeBlocks.restore(id)).data));
  }

  #add<T>(effect: BlockEffect | undefined, send: () => Promise<T>): Promise<T> {
    return this.#options.outbox.add({ blocks: effect, send });
  }

  #take(block: TimeBlock): TimeBlock {
    this.#options.blocks.put(block);
    return block;
  }
}

function drafted(key: string, title: string, date: string, slot: Slot, task: Task | null): BlockEffect {
  const row = timed({
    id: unsavedId(key),
    userId: '',
    taskId: task?.id ?? null,
    title,
    description: null,
    date,
    ...slot,
    durationMins: 0,
    color: DEFAULT_COLOR,
    position: 0,
    version: 0,
    createdAt: '',
    updatedAt: '',
    task,
  });
  return { ids: new Set([row.id]), snapshots: [row], change: (same) => same };
}

function timed(block: TimeBlock): TimeBlock {
  return { ...block, durationMins: minutesOf(block.endTime) - minutesOf(block.startTime) };
}
