/** The fetched time blocks: one query per day. */

import type { QueryClient } from '@tanstack/react-query';

import type { Task, TimeBlock } from '../api/models';
import { keys } from './buckets';

export class BlockStore {
  readonly #client: QueryClient;

  constructor(client: QueryClient) {
    this.#client = client;
  }

  find(id: string): TimeBlock | null {
    for (const [, blocks] of this.#days()) {
      const block = blocks.find((row) => row.id === id);
      if (block) return block;
    }
    return null;
  }

  put(answered: TimeBlock): void {
    const held = this.find(answered.id);
    const task = answered.task ?? (held?.taskId === answered.taskId ? held.task : null);
    const block = { ...answered, task: task ?? null };
    for (const [date, blocks] of this.#days()) {
      const others = blocks.filter((row) => row.id !== block.id);
      const isChanged = others.length < blocks.length || date === block.date;
      this.#write(date, date === block.date ? [...others, block] : others, isChanged);
    }
  }

  remove(id: string, version = Infinity): void {
    for (const [date, blocks] of this.#days()) {
      const kept = blocks.filter((row) => row.id !== id || row.version > version);
      this.#write(date, kept, kept.length < blocks.length);
    }
  }

  async refreshAll(): Promise<void> {
    await this.#client.invalidateQueries({ queryKey: keys.blocks });
  }

  /** The tasks were changed by this tab: their blocks show it. */
  showTasks(...tasks: readonly Task[]): void {
    const byId = new Map(tasks.map((task) => [task.id, task]));
    this.#change((block) => {
      const task = byId.get(block.taskId ?? '');
      return task ? { ...block, task } : block;
    });
  }

  /** The task is gone: its blocks stay, without it. */
  dropTask(taskId: string): void {
    this.#change((block) => (block.taskId === taskId ? { ...block, taskId: null, task: null } : block));
  }

  /** The days that hold a block of one of these tasks, or one of these blocks. */
  daysWith(taskIds: ReadonlySet<string>, blockIds: ReadonlySet<string>): string[] {
    const isMeant = (block: TimeBlock) => blockIds.has(block.id) || (block.taskId !== null && taskIds.has(block.taskId));
    return [...this.#days()].filter(([, blocks]) => blocks.some(isMeant)).map(([date]) => date);
  }

  #change(change: (block: TimeBlock) => TimeBlock): void {
    for (const [date, blocks] of this.#days()) {
      const next = blocks.map(change);
      if (next.some((block, at) => block !== blocks[at])) this.#write(date, next, true);
    }
  }

  *#days(): Iterable<[string, TimeBlock[]]> {
    for (const [key, blocks] of this.#client.getQueriesData<TimeBlock[]>({ queryKey: keys.blocks })) {
      if (blocks && typeof key[1] === 'string') yield [key[1], blocks];
    }
  }

  #write(date: string, blocks: TimeBlock[], isChanged: boolean): void {
    const queryKey = keys.blockDay(date);
    const query = this.#client.getQueryCache().find({ queryKey, exact: true });
    if (query?.state.fetchStatus === 'fetching') void this.#client.invalidateQueries({ queryKey, exact: true });
    if (!isChanged) return;
    const isStale = query?.state.isInvalidated ?? false;
    this.#client.setQueryData(queryKey, blocks);
    if (isStale) query?.invalidate();
  }
}
