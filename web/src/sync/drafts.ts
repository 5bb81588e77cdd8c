/** The texts of tasks that are under edit or not saved yet: one saver for each field of a task, as long as it is needed. */

import type { Task } from '../api/models';
import { Emitter } from '../realtime/emitter';
import { isDirty } from './draft';
import { DraftSaver } from './draft-saver';
import type { SavingOptions } from './draft-saver';
import type { TextField } from './text-conflict';

export class Drafts {
  readonly #options: SavingOptions;
  readonly #changes = new Emitter<undefined>();
  readonly #savers = new Map<string, DraftSaver>();

  constructor(options: SavingOptions) {
    this.#options = options;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  /** Whether a text would be lost with the page. */
  get hasUnsaved(): boolean {
    return [...this.#savers.values()].some((saver) => saver.isUnsaved);
  }

  /** Whether a text of the task could not be saved and waits for somebody to open it. */
  hasLeftover(taskId: string): boolean {
    return [...this.#savers.values()].some((saver) => saver.taskId === taskId && saver.isLeftOver);
  }

  /** With what was typed there before, if that is not saved. */
  of(task: Task, field: TextField): DraftSaver {
    const key = `${task.id}/${field}`;
    const found = this.#savers.get(key);
    if (found) return found;
    const saver = new DraftSaver(task, field, this.#options, () => this.#tidied(key, saver));
    this.#savers.set(key, saver);
    return saver;
  }

  /** Saves now all that can be saved. */
  hurry(): void {
    for (const saver of this.#savers.values()) saver.hurry();
  }

  clear(): void {
    for (const saver of this.#savers.values()) saver.discard();
    this.#savers.clear();
  }

  /** What has neither an editor nor anything unsaved is done with. */
  #tidied(key: string, saver: DraftSaver): void {
    if (saver.isOpen || isDirty(saver.draft)) this.#savers.set(key, saver);
    else this.#savers.delete(key);
    this.#changes.emit(undefined);
  }
}
