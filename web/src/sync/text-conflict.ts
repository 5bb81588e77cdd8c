/** Two people change the same text: who is told, and what is tried again without asking. */

import type { Task, TaskChanges } from '../api/models';

export type TextField = 'title' | 'notes';
export type TextChanges = Partial<Pick<TaskChanges, TextField>>;

/** The same field was changed elsewhere, to something else: only a person can choose. */
export class TextClash extends Error {
  override readonly name = 'TextClash';
  readonly current: Task;
  readonly fields: TextField[];

  constructor(current: Task, fields: TextField[]) {
    super('it was changed elsewhere meanwhile');
    this.current = current;
    this.fields = fields;
  }
}

/** The fields of `changes` that changed in `current` too since `base`, and not to the very same text. */
export function clashingFields(base: Task, current: Task, changes: TextChanges): TextField[] {
  return sentFields(changes).filter(
    (field) => !isSameText(current[field], base[field]) && !isSameText(current[field], changes[field]),
  );
}

export function isDone(current: Task, changes: TextChanges): boolean {
  return sentFields(changes).every((field) => isSameText(current[field], changes[field]));
}

function sentFields(changes: TextChanges): TextField[] {
  return Object.keys(changes) as TextField[];
}

/** No notes and empty notes are the same text, and so are texts that differ in the space at their ends. */
export function isSameText(a: string | null | undefined, b: string | null | undefined): boolean {
  return (a ?? '').trim() === (b ?? '').trim();
}
