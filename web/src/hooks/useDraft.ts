/** A text field of a task under edit: saved by itself when the typing pauses, never overwritten from outside. */

import { useCallback, useEffect, useRef, useState } from 'react';

import { Unavailable, reasonOf } from '../api/errors';
import type { Task } from '../api/models';
import { arrived, draftOf, isDirty, keepMine, refused, sent, takeTheirs, typed } from '../sync/draft';
import type { Draft } from '../sync/draft';
import { TextClash } from '../sync/text-conflict';
import type { TextField } from '../sync/text-conflict';
import { usePlanner } from './planner-context';

const PAUSE_MS = 800;

export interface EditedText {
  text: string;
  /** The other text, when both changed and the person has to choose. */
  theirs: string | null;
  isDirty: boolean;
  change: (text: string) => void;
  /** Saves now what is not saved yet. */
  flush: () => void;
  keepMine: () => void;
  takeTheirs: () => void;
}

/** `saved` is the row as the server has it; `shown` the same with what this tab has pending. */
export function useDraft(saved: Task, shown: Task, field: TextField): EditedText {
  const { tasks, notices, leftovers } = usePlanner();
  const [draft, setDraft] = useState<Draft>(() => {
    const leftover = leftovers.find(saved.id, field);
    return leftover ? draftOf(leftover.base, leftover.text) : draftOf(saved[field] ?? '', shown[field] ?? '');
  });
  const latest = useRef({ draft, saved, isMounted: true, isSaving: false });

  const update = useCallback((change: (draft: Draft) => Draft) => {
    latest.current.draft = change(latest.current.draft);
    setDraft(latest.current.draft);
  }, []);

  const savedText = saved[field] ?? '';
  useEffect(() => {
    latest.current.saved = saved;
    update((now) => arrived(now, savedText));
  }, [saved, savedText, update]);

  const failed = useCallback(
    (error: unknown, row: Task) => {
      if (error instanceof TextClash) update((now) => arrived(now, error.current[field] ?? ''));
      const { draft: now, isMounted } = latest.current;
      if (!isMounted && isDirty(now)) leftovers.keep(row.id, field, { base: now.base, text: now.text });
      const isSilent = error instanceof Unavailable || (error instanceof TextClash && isMounted);
      if (!isSilent) notices.show({ text: `Couldn’t save “${row.title}”: ${reasonOf(error)}`, tone: 'problem' });
    },
    [field, leftovers, notices, update],
  );

  /** While one save is on its way the next waits for it, except when the editor closes and nobody would send it. */
  const save = useCallback(
    async (isLast = false) => {
      const { draft: now, saved: row, isSaving } = latest.current;
      const isNothing = !isDirty(now) || now.theirs !== null || (field === 'title' && now.text.trim() === '');
      if (isNothing || (isSaving && (!isLast || now.text === now.sent))) return;
      latest.current.isSaving = true;
      const text = field === 'title' ? now.text.trim() : now.text;
      const base = { ...row, [field]: now.sent ?? now.base };
      update(sent);
      try {
        const task = await tasks.changeText(base, { [field]: text });
        update((after) => arrived(after, task[field] ?? ''));
        leftovers.drop(row.id, field);
      } catch (error) {
        update(refused);
        failed(error, row);
      }
      latest.current.isSaving = false;
    },
    [failed, field, leftovers, tasks, update],
  );

  useEffect(() => {
    if (!isDirty(draft) || draft.theirs !== null) return;
    const timer = setTimeout(() => void save(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, save]);

  useEffect(() => {
    const state = latest.current;
    state.isMounted = true;
    return () => {
      state.isMounted = false;
      const { draft: now, saved: row } = state;
      // An open question between two texts stays open.
      if (now.theirs !== null) leftovers.keep(row.id, field, { base: now.base, text: now.text });
      void save(true);
    };
  }, [field, leftovers, save]);

  return {
    text: draft.text,
    theirs: draft.theirs,
    isDirty: isDirty(draft),
    change: (text) => update((now) => typed(now, text)),
    flush: () => void save(),
    keepMine: () => {
      update(keepMine);
      void save();
    },
    takeTheirs: () => {
      update(takeTheirs);
      leftovers.drop(saved.id, field);
    },
  };
}
