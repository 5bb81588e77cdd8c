/** A text being edited while others may change it: pure, one value in, the next one out. Space at the ends is no change. */

import { isSameText } from './text-conflict';

export interface Draft {
  /** The saved text that the edit started from. */
  readonly base: string;
  readonly text: string;
  /** What is on its way to the server, oldest first. */
  readonly sent: readonly string[];
  /** What the text became elsewhere, while it was being edited here: the person chooses. */
  readonly theirs: string | null;
  /** What the server would not save: not sent again by itself. */
  readonly refused: string | null;
}

export function draftOf(saved: string, text = saved): Draft {
  return { base: saved, text, sent: [], theirs: null, refused: null };
}

/** Whether anything of it is not known to be saved. */
export function isDirty(draft: Draft): boolean {
  return draft.sent.length > 0 || isEdited(draft);
}

/** What the server will hold once everything on its way has come there. */
export function lastSent({ base, sent }: Draft): string {
  return sent.at(-1) ?? base;
}

/** Whether there is a text to send, and nothing that has to be asked before. */
export function isUnsent(draft: Draft): boolean {
  return draft.theirs === null && !isRefused(draft) && !isSameText(draft.text, lastSent(draft));
}

export function isRefused({ text, refused }: Draft): boolean {
  return refused !== null && isSameText(text, refused);
}

export function typed(draft: Draft, text: string): Draft {
  return { ...draft, text };
}

export function sent(draft: Draft, text: string): Draft {
  return { ...draft, sent: [...draft.sent, text], refused: null };
}

/** The saved text as it is seen now. What is being edited is never overwritten. */
export function arrived(draft: Draft, saved: string): Draft {
  if (isSameText(saved, draft.base)) return draft.theirs === null ? draft : { ...draft, theirs: null };
  const own = draft.sent.findIndex((text) => isSameText(text, saved));
  if (own >= 0) return { ...draft, base: saved, sent: draft.sent.slice(own + 1), theirs: null };
  if (isSameText(saved, draft.text)) return { ...draft, base: saved, theirs: null };
  return isDirty(draft) ? { ...draft, theirs: saved } : draftOf(saved);
}

/** `text` is saved. What it became elsewhere since then is a question still. */
export function answered(draft: Draft, text: string): Draft {
  return draft.sent.includes(text) ? { ...withdrawn(draft, text), base: text } : draft;
}

/** `text` is no longer on its way, and not saved. */
export function withdrawn(draft: Draft, text: string): Draft {
  const at = draft.sent.indexOf(text);
  return at < 0 ? draft : { ...draft, sent: draft.sent.toSpliced(at, 1) };
}

export function refused(draft: Draft, text: string): Draft {
  return { ...withdrawn(draft, text), refused: text };
}

/** What was refused may be sent once more. */
export function retried(draft: Draft): Draft {
  return { ...draft, refused: null };
}

/** Mine is to replace theirs: from now on it is an edit of theirs. */
export function keepMine(draft: Draft): Draft {
  return draft.theirs === null ? draft : { ...draft, base: draft.theirs, theirs: null, refused: null };
}

export function takeTheirs(draft: Draft): Draft {
  return draft.theirs === null ? draft : { ...draftOf(draft.theirs), sent: draft.sent };
}

function isEdited({ base, text }: Draft): boolean {
  return !isSameText(text, base);
}
