import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../api/errors';
import type { Task } from '../api/models';
import { FakeClock, settle } from '../testing/fake-clock';
import { fakeTask } from '../testing/fake-rows';
import { Drafts } from './drafts';

const TASK = fakeTask({ id: 'a', notes: 'milk' });
const REFUSAL = new ApiError({ status: 422, code: 'E', message: 'too rude', fields: {}, current: null });

describe('Drafts', () => {
  let drafts: Drafts;
  /** How the next saves end. */
  let save: () => Promise<Task>;

  const typed = (text: string) => {
    const saver = drafts.of(TASK, 'notes');
    saver.open();
    saver.change(text);
    return saver;
  };

  beforeEach(() => {
    save = () => Promise.resolve(TASK);
    drafts = new Drafts({ clock: new FakeClock(), tell: () => undefined, save: () => save() });
  });

  it('has one saver for each field', () => {
    const saver = typed('bread');
    expect(drafts.of(TASK, 'notes')).toBe(saver);
    expect(drafts.of(TASK, 'title')).not.toBe(saver);
  });

  it('forgets a closed one once its text is saved', async () => {
    const saver = typed('bread');
    saver.close();
    expect([drafts.of(TASK, 'notes') === saver, drafts.hasUnsaved]).toEqual([true, true]);
    await settle();
    expect([drafts.of(TASK, 'notes') === saver, drafts.hasUnsaved]).toEqual([false, false]);
  });

  it('keeps a closed one whose text was refused, and says of which task', async () => {
    save = () => Promise.reject(REFUSAL);
    const saver = typed('rude');
    saver.close();
    await settle();
    expect([drafts.hasLeftover('a'), drafts.hasLeftover('b'), drafts.hasUnsaved]).toEqual([true, false, true]);
    expect(drafts.of(TASK, 'notes')).toBe(saver);
  });

  it('keeps one that is closed and opened in a row, as React does while one develops', () => {
    const saver = drafts.of(TASK, 'notes');
    saver.open();
    saver.close();
    saver.open();
    expect(drafts.of(TASK, 'notes')).toBe(saver);
  });

  it('takes an empty title for nothing that could be lost', () => {
    const saver = drafts.of(TASK, 'title');
    saver.open();
    saver.change(' ');
    expect(drafts.hasUnsaved).toBe(false);
  });

  it('has nothing left when it is cleared, also of what is on its way', async () => {
    const saver = typed('bread');
    saver.flush();
    drafts.clear();
    saver.close();
    await settle();
    expect([drafts.hasUnsaved, drafts.of(TASK, 'notes') === saver]).toEqual([false, false]);
  });
});
