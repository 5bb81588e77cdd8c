/** A text field of a task under edit: saved by itself when the typing pauses, never overwritten from outside. */

import { useEffect, useState, useSyncExternalStore } from 'react';

import type { Task } from '../api/models';
import { isDirty, isRefused } from '../sync/draft';
import type { TextField } from '../sync/text-conflict';
import { usePlanner } from './planner-context';

export interface EditedText {
  text: string;
  /** The other text, when both changed and the person has to choose. */
  theirs: string | null;
  isDirty: boolean;
  /** The server would not save it: it is not sent again by itself. */
  isRefused: boolean;
  change: (text: string) => void;
  /** Saves now what is not saved yet. */
  flush: () => void;
  retry: () => void;
  keepMine: () => void;
  takeTheirs: () => void;
}

/** `saved` is the row as the server has it. */
export function useDraft(saved: Task, field: TextField): EditedText {
  const { drafts } = usePlanner();
  const [saver] = useState(() => drafts.of(saved, field));
  const draft = useSyncExternalStore(drafts.subscribe, () => saver.draft);
  useEffect(() => saver.follow(saved), [saver, saved]);
  useEffect(() => {
    saver.open();
    return () => saver.close();
  }, [saver]);

  return {
    text: draft.text,
    theirs: draft.theirs,
    isDirty: isDirty(draft),
    isRefused: isRefused(draft),
    change: (text) => saver.change(text),
    flush: () => saver.flush(),
    retry: () => saver.retry(),
    keepMine: () => saver.keepMine(),
    takeTheirs: () => saver.takeTheirs(),
  };
}

/** Whether a text would be lost with the page. */
export function useHasUnsavedText(): boolean {
  const { drafts } = usePlanner();
  return useSyncExternalStore(drafts.subscribe, () => drafts.hasUnsaved);
}

/** Whether a text of the task could not be saved and waits for somebody to open it. */
export function useHasLeftover(taskId: string): boolean {
  const { drafts } = usePlanner();
  return useSyncExternalStore(drafts.subscribe, () => drafts.hasLeftover(taskId));
}
