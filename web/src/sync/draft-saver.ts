/**
 * Saves the text of one field while it is under edit: when the typing pauses, when the field is left, when its editor
 * closes. Goes on without an editor until the text is saved; what can't be saved stays for the next one.
 */

import { ApiError, Unavailable, reasonOf } from '../api/errors';
import type { Task } from '../api/models';
import type { Cancel, Clock } from '../realtime/clock';
import { answered, arrived, draftOf, isDirty, isUnsent, keepMine, lastSent, refused, retried, sent, takeTheirs, typed, withdrawn } from './draft';
import type { Draft } from './draft';
import { TextClash } from './text-conflict';
import type { TextChanges, TextField } from './text-conflict';

const PAUSE_MS = 800;

export interface SavingOptions {
  clock: Clock;
  /** Rejects with TextClash when the field was changed elsewhere since `base`. */
  save: (base: Task, changes: TextChanges) => Promise<Task>;
  tell: (problem: string) => void;
}

export class DraftSaver {
  readonly #options: SavingOptions;
  readonly #field: TextField;
  readonly #changed: () => void;
  #task: Task;
  #draft: Draft;
  #isOpen = false;
  #pause: Cancel | null = null;

  constructor(task: Task, field: TextField, options: SavingOptions, changed: () => void) {
    this.#task = task;
    this.#field = field;
    this.#options = options;
    this.#changed = changed;
    this.#draft = draftOf(task[field] ?? '');
  }

  get draft(): Draft {
    return this.#draft;
  }

  get taskId(): string {
    return this.#task.id;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Without an editor, and with a text that is neither saved nor on its way: only a person can go on. */
  get isLeftOver(): boolean {
    return !this.#isOpen && this.#draft.sent.length === 0 && isDirty(this.#draft);
  }

  /** Whether a text would be lost with it; an empty title is none. */
  get isUnsaved(): boolean {
    return this.#isBlankTitle() ? this.#draft.sent.length > 0 : isDirty(this.#draft);
  }

  open(): void {
    this.#isOpen = true;
    this.#changed();
    this.#wait();
  }

  close(): void {
    this.#isOpen = false;
    this.#pause?.();
    if (this.#isBlankTitle()) this.#set(typed(this.#draft, lastSent(this.#draft)));
    this.hurry();
    this.#changed();
  }

  /** The row as the server has it. */
  follow(task: Task): void {
    this.#task = task;
    this.#set(arrived(this.#draft, task[this.#field] ?? ''));
  }

  change(text: string): void {
    this.#set(typed(this.#draft, text));
    this.#wait();
  }

  /** Saves now what is not saved yet; while a text is on its way the next waits for it. */
  flush(): void {
    if (this.#draft.sent.length === 0) this.hurry();
  }

  /** Saves the newest text, behind one that is on its way: there may be no later. */
  hurry(): void {
    if (!this.#isBlankTitle() && isUnsent(this.#draft)) void this.#send();
  }

  retry(): void {
    this.#set(retried(this.#draft));
    this.flush();
  }

  keepMine(): void {
    this.#set(keepMine(this.#draft));
    this.flush();
  }

  takeTheirs(): void {
    this.#set(takeTheirs(this.#draft));
  }

  /** Gives up what is not saved. */
  discard(): void {
    this.#pause?.();
    this.#set(draftOf(this.#draft.base));
  }

  #set(draft: Draft): void {
    this.#draft = draft;
    this.#changed();
  }

  #wait(): void {
    this.#pause?.();
    if (this.#isOpen && isUnsent(this.#draft)) this.#pause = this.#options.clock.after(PAUSE_MS, () => this.flush());
  }

  async #send(): Promise<void> {
    const text = this.#field === 'title' ? this.#draft.text.trim() : this.#draft.text;
    const base = { ...this.#task, [this.#field]: lastSent(this.#draft) };
    this.#set(sent(this.#draft, text));
    try {
      await this.#options.save(base, { [this.#field]: text });
      this.#set(answered(this.#draft, text));
    } catch (error) {
      this.#failed(text, error);
    }
    this.#wait();
  }

  #failed(text: string, error: unknown): void {
    // Nobody refused it: the session ended before it could be sent.
    if (error instanceof Unavailable) return this.#set(withdrawn(this.#draft, text));
    if (error instanceof ApiError && error.isGone) return this.#gone();
    this.#set(refused(this.#draft, text));
    if (error instanceof TextClash) this.#set(arrived(this.#draft, error.current[this.#field] ?? ''));
    // The question stands in the editor.
    if (this.#isOpen && this.#draft.theirs !== null) return;
    this.#options.tell(`Couldn’t save “${this.#task.title}”: ${reasonOf(error)}`);
  }

  /** Without the task nobody could open the text any more: it would be called unsaved for ever. */
  #gone(): void {
    this.discard();
    this.#options.tell(`Couldn’t save the text of “${this.#task.title}”: it was deleted.`);
  }

  #isBlankTitle(): boolean {
    return this.#field === 'title' && this.#draft.text.trim() === '';
  }
}
