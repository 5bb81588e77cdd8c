/** A text being edited while others may change it: pure, one value in, the next one out. Space at the ends is no change. */

export interface Draft {
  /** The saved text that the edit started from. */
  readonly base: string;
  readonly text: string;
  /** What was sent to be saved and is not confirmed yet. */
  readonly sent: string | null;
  /** What the text became elsewhere, while it was being edited here: the person chooses. */
  readonly theirs: string | null;
}

export function draftOf(saved: string, text = saved): Draft {
  return { base: saved, text, sent: null, theirs: null };
}

export function isDirty(draft: Draft): boolean {
  return !isSame(draft.text, draft.base);
}

export function typed(draft: Draft, text: string): Draft {
  return { ...draft, text };
}

export function sent(draft: Draft): Draft {
  return { ...draft, sent: draft.text };
}

/** The saved text as the server now has it. What is being edited is never overwritten. */
export function arrived(draft: Draft, saved: string): Draft {
  if (isSame(saved, draft.base)) return draft.theirs === null ? draft : { ...draft, theirs: null };
  if (isSame(saved, draft.text)) return draftOf(saved, draft.text);
  if (draft.sent !== null && isSame(saved, draft.sent)) return { ...draft, base: saved, sent: null, theirs: null };
  if (!isDirty(draft)) return draftOf(saved);
  return { ...draft, theirs: saved };
}

/** The write ended without saving: what was sent is no longer on its way. */
export function refused(draft: Draft): Draft {
  return { ...draft, sent: null };
}

/** Mine is to replace theirs: from now on it is an edit of theirs. */
export function keepMine(draft: Draft): Draft {
  return draft.theirs === null ? draft : { ...draft, base: draft.theirs, theirs: null };
}

export function takeTheirs(draft: Draft): Draft {
  return draft.theirs === null ? draft : draftOf(draft.theirs);
}

function isSame(a: string, b: string): boolean {
  return a.trim() === b.trim();
}
