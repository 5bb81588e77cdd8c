/** The fetched time blocks: one query per day. */

import type { QueryClient } from '@tanstack/react-query';

import type { Task, TimeBlock } from '../api/models';
import { keys } from './buckets';
import { Deletions } from './deletions';
import { changeHeld, changeHeldOnly, refresh } from './held-query';

export class BlockStore {
  readonly #client: QueryClient;
  readonly #deletions = new Deletions();
  readonly #taskDeletions = new Deletions();

  constructor(client: QueryClient) {
    this.#client = client;
  }

  find(id: string): TimeBlock | null {
    for (const [, blocks] of this.#client.getQueriesData<TimeBlock[]>({ queryKey: keys.blocks })) {
      const block = blocks?.find((row) => row.id === id);
      if (block) return block;
    }
    return null;
  }

  /** Takes a block that the server answered with, unless that is overtaken. */
  put(answered: TimeBlock): void {
    const held = this.find(answered.id);
    if ((held && held.version > answered.version) || this.#deletions.isFromBefore(answered)) return;
    const task = answered.task ?? (held?.taskId === answered.taskId ? held.task : null);
    const block = { ...answered, task: task ?? null };
    this.#change((blocks, date) => {
      const others = blocks.filter((row) => row.id !== block.id);
      if (date === block.date) return [...others, block];
      return others.length < blocks.length ? others : undefined;
    });
  }

  /** `version` is the one that the deletion made; unknown where this tab did it. */
  remove(id: string, version = Infinity): void {
    if (version !== Infinity) this.#deletions.add(id, version);
    const isGone = (block: TimeBlock) => block.id === id && block.version <= version;
    this.#change((blocks) => (blocks.some(isGone) ? blocks.filter((block) => !isGone(block)) : undefined), version);
  }

  /** Without those, and without the tasks, that were deleted while the answer was on its way. */
  alive(fetched: readonly TimeBlock[]): TimeBlock[] {
    const isTaskGone = ({ task }: TimeBlock) => Boolean(task && this.#taskDeletions.isFromBefore(task));
    return fetched
      .filter((block) => !this.#deletions.isFromBefore(block))
      .map((block) => (isTaskGone(block) ? { ...block, taskId: null, task: null } : block));
  }

  refreshAll(): void {
    void refresh(this.#client, { queryKey: keys.blocks });
  }

  /** The tasks were changed by this tab: their blocks show it. */
  showTasks(...tasks: readonly Task[]): void {
    const byId = new Map(tasks.map((task) => [task.id, task]));
    this.#changeEach((block) => {
      const task = byId.get(block.taskId ?? '');
      return task ? { ...block, task } : block;
    });
  }

  /** The task is gone: its blocks stay, without it. `version` as for `remove`. */
  dropTask(taskId: string, version = Infinity): void {
    if (version !== Infinity) this.#taskDeletions.add(taskId, version);
    this.#changeEach((block) => (block.taskId === taskId ? { ...block, taskId: null, task: null } : block), version);
  }

  /** The days that hold a block of one of these tasks, or one of these blocks; of those still loading nobody knows. */
  daysWith(taskIds: ReadonlySet<string>, blockIds: ReadonlySet<string>): string[] {
    if (taskIds.size + blockIds.size === 0) return [];
    const isMeant = (block: TimeBlock) => blockIds.has(block.id) || (block.taskId !== null && taskIds.has(block.taskId));
    return this.#client
      .getQueryCache()
      .findAll({ queryKey: keys.blocks })
      .filter(({ state }) => (state.data as TimeBlock[] | undefined)?.some(isMeant) ?? state.fetchStatus !== 'idle')
      .map(({ queryKey }) => String(queryKey[1]));
  }

  #changeEach(change: (block: TimeBlock) => TimeBlock, deletedAs?: number): void {
    this.#change((blocks) => {
      const next = blocks.map(change);
      return next.some((block, at) => block !== blocks[at]) ? next : undefined;
    }, deletedAs);
  }

  /** A deletion whose version is known is left out of what arrives: nothing has to be fetched again for it. */
  #change(change: (blocks: TimeBlock[], date: string) => TimeBlock[] | undefined, deletedAs = Infinity): void {
    const changeDays = deletedAs === Infinity ? changeHeld<TimeBlock[]> : changeHeldOnly<TimeBlock[]>;
    changeDays(this.#client, { queryKey: keys.blocks }, (blocks, key) => change(blocks, String(key[1])));
  }
}
