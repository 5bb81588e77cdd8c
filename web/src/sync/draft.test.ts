import { describe, expect, it } from 'vitest';

import { answered, arrived, draftOf, isDirty, isUnsent, keepMine, refused, retried, sent, takeTheirs, typed, withdrawn } from './draft';

const edited = typed(draftOf('milk'), 'milk and bread');
const onItsWay = sent(edited, 'milk and bread');

describe('a draft', () => {
  it('follows the saved text while nobody edits it', () => {
    expect(arrived(draftOf('milk'), 'oat milk').text).toBe('oat milk');
  });

  it('is never overwritten: the other text waits beside it', () => {
    const draft = arrived(edited, 'oat milk');
    expect([draft.text, draft.theirs]).toEqual(['milk and bread', 'oat milk']);
  });

  it('takes its own saved text for an answer, not for a change elsewhere', () => {
    const draft = arrived(typed(onItsWay, 'milk, bread, eggs'), 'milk and bread');
    expect([draft.text, draft.theirs, isDirty(draft)]).toEqual(['milk, bread, eggs', null, true]);
  });

  it('knows each of several own texts that are on their way', () => {
    const draft = sent(typed(onItsWay, 'milk'), 'milk');
    const first = arrived(draft, 'milk and bread');
    expect([first.theirs, isDirty(first)]).toEqual([null, true]);
    expect([arrived(first, 'milk').theirs, isDirty(arrived(first, 'milk'))]).toEqual([null, false]);
  });

  it('is clean once the saved text says the same', () => {
    expect(isDirty(arrived(edited, 'milk and bread'))).toBe(false);
    expect(isDirty(answered(onItsWay, 'milk and bread'))).toBe(false);
    expect(isDirty(typed(draftOf('milk'), 'milk '))).toBe(false);
  });

  it('takes a text for a change elsewhere once its own was refused', () => {
    expect(arrived(refused(onItsWay, 'milk and bread'), 'oat milk').theirs).toBe('oat milk');
  });

  it('keeps what came from elsewhere after its own text was saved', () => {
    expect(answered(arrived(onItsWay, 'oat milk'), 'milk and bread').theirs).toBe('oat milk');
  });

  it('forgets the question when the other side takes its change back', () => {
    expect(arrived(arrived(edited, 'oat milk'), 'milk').theirs).toBeNull();
  });

  it('ends the question by either choice', () => {
    const asked = arrived(edited, 'oat milk');
    expect(keepMine(asked)).toMatchObject({ base: 'oat milk', text: 'milk and bread', theirs: null });
    expect(takeTheirs(asked)).toMatchObject({ text: 'oat milk', theirs: null });
  });

  it.each([
    ['as it was fetched', draftOf('milk'), false],
    ['edited', edited, true],
    ['on its way', onItsWay, false],
    ['undone while the edit is on its way', typed(onItsWay, 'milk'), true],
    ['withdrawn', withdrawn(onItsWay, 'milk and bread'), true],
    ['refused', refused(onItsWay, 'milk and bread'), false],
    ['refused and typed on', typed(refused(onItsWay, 'milk and bread'), 'bread'), true],
    ['refused and tried again', retried(refused(onItsWay, 'milk and bread')), true],
    ['asked about', arrived(edited, 'oat milk'), false],
  ])('%s has something to send or not', (_, draft, hasToSend) => {
    expect(isUnsent(draft)).toBe(hasToSend);
  });
});
