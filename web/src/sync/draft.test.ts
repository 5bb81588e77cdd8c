import { describe, expect, it } from 'vitest';

import { arrived, draftOf, isDirty, keepMine, refused, sent, takeTheirs, typed } from './draft';

const edited = typed(draftOf('milk'), 'milk and bread');

describe('a draft', () => {
  it('follows the saved text while nobody edits it', () => {
    expect(arrived(draftOf('milk'), 'oat milk').text).toBe('oat milk');
  });

  it('is never overwritten: the other text waits beside it', () => {
    const draft = arrived(edited, 'oat milk');
    expect([draft.text, draft.theirs]).toEqual(['milk and bread', 'oat milk']);
  });

  it('takes its own saved text for an answer, not for a change elsewhere', () => {
    const typedOn = typed(sent(edited), 'milk, bread, eggs');
    const draft = arrived(typedOn, 'milk and bread');
    expect([draft.text, draft.theirs, isDirty(draft)]).toEqual(['milk, bread, eggs', null, true]);
  });

  it('is clean once the saved text says the same', () => {
    expect(isDirty(arrived(edited, 'milk and bread'))).toBe(false);
    expect(isDirty(typed(draftOf('milk'), 'milk '))).toBe(false);
  });

  it('takes a text for a change elsewhere once its own was refused', () => {
    expect(arrived(refused(sent(edited)), 'oat milk').theirs).toBe('oat milk');
  });

  it('forgets the question when the other side takes its change back', () => {
    expect(arrived(arrived(edited, 'oat milk'), 'milk').theirs).toBeNull();
  });

  it('ends the question by either choice', () => {
    const asked = arrived(edited, 'oat milk');
    expect(keepMine(asked)).toMatchObject({ base: 'oat milk', text: 'milk and bread', theirs: null });
    expect(takeTheirs(asked)).toMatchObject({ text: 'oat milk', theirs: null });
  });
});
