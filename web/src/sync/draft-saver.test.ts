import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError, Unavailable } from '../api/errors';
import type { Task } from '../api/models';
import { FakeClock, settle } from '../testing/fake-clock';
import { fakeTask } from '../testing/fake-rows';
import { DraftSaver } from './draft-saver';
import { TextClash } from './text-conflict';
import type { TextChanges, TextField } from './text-conflict';

const PAUSE_MS = 800;
const TASK = fakeTask({ id: 'a', title: 'Shop', notes: 'milk' });
const REFUSAL = new ApiError({ status: 422, code: 'E', message: 'too rude', fields: {}, current: null });

/** What is being saved: a test says how each save ends. */
interface Save {
  base: Task;
  changes: TextChanges;
  done: () => Promise<void>;
  failed: (error: Error) => Promise<void>;
}

describe('DraftSaver', () => {
  let clock: FakeClock;
  let saves: Save[];
  let problems: string[];

  const last = () => saves.at(-1) as Save;
  const texts = () => saves.map(({ changes }) => changes.notes ?? changes.title);
  const opened = (field: TextField = 'notes') => {
    const save = (base: Task, changes: TextChanges) =>
      new Promise<Task>((resolve, reject) => {
        const done = () => (resolve({ ...base, ...changes }), settle());
        saves.push({ base, changes, done, failed: (error) => (reject(error), settle()) });
      });
    const saver = new DraftSaver(TASK, field, { clock, save, tell: (problem) => problems.push(problem) }, () => undefined);
    saver.open();
    return saver;
  };
  const type = (saver: DraftSaver, text: string) => {
    saver.change(text);
    clock.advance(PAUSE_MS);
  };

  beforeEach(() => {
    [clock, saves, problems] = [new FakeClock(), [], []];
  });

  it('saves when the typing pauses, not before', () => {
    const saver = opened();
    for (const text of ['b', 'br', 'bread']) {
      clock.advance(PAUSE_MS - 1);
      saver.change(text);
    }
    expect(texts()).toEqual([]);
    clock.advance(PAUSE_MS);
    expect(texts()).toEqual(['bread']);
  });

  it('sends the next text when the one before is answered', async () => {
    const saver = opened();
    type(saver, 'bread');
    type(saver, 'eggs');
    saver.flush();
    expect(texts()).toEqual(['bread']);
    await last().done();
    clock.advance(PAUSE_MS);
    expect([texts(), last().base.notes]).toEqual([['bread', 'eggs'], 'bread']);
  });

  it.each([
    ['the newest text', 'eggs', ['bread', 'eggs']],
    ['the text that it was before', 'milk', ['bread', 'milk']],
    ['nothing twice', 'bread', ['bread']],
    ['nothing for a space at the end', 'bread ', ['bread']],
  ])('saves %s when it closes while a text is on its way', (_, text, sent) => {
    const saver = opened();
    type(saver, 'bread');
    saver.change(text);
    saver.close();
    expect(texts()).toEqual(sent);
  });

  it('says the text that really went as the base of the next', () => {
    const saver = opened('title');
    type(saver, 'Shopping ');
    saver.change('Shopping list');
    saver.close();
    expect(saves.map(({ base, changes }) => [base.title, changes.title])).toEqual([
      ['Shop', 'Shopping'],
      ['Shopping', 'Shopping list'],
    ]);
  });

  it('takes its own text for no clash, also when it was closed and opened meanwhile', () => {
    const saver = opened();
    saver.change('bread');
    saver.close();
    saver.open();
    saver.change('bread and eggs');
    saver.follow({ ...TASK, notes: 'bread' });
    expect([saver.draft.text, saver.draft.theirs]).toEqual(['bread and eggs', null]);
  });

  it('sends a refused text once, until it is changed or tried again', async () => {
    const saver = opened();
    type(saver, 'rude');
    await last().failed(REFUSAL);
    clock.advance(60_000);
    saver.flush();
    expect([texts(), problems]).toEqual([['rude'], ['Couldn’t save “Shop”: too rude']]);
    saver.retry();
    await last().failed(REFUSAL);
    type(saver, 'polite');
    expect(texts()).toEqual(['rude', 'rude', 'polite']);
  });

  it('tells and gives up the text of a task that was deleted', async () => {
    const saver = opened();
    saver.change('bread');
    saver.close();
    await last().failed(new ApiError({ status: 404, code: 'NOT_FOUND_ERROR', message: 'no', fields: {}, current: null }));
    expect([saver.isUnsaved, problems]).toEqual([false, ['Couldn’t save the text of “Shop”: it was deleted.']]);
  });

  it('asks on a clash, and saves as the person chooses', async () => {
    const saver = opened();
    type(saver, 'bread');
    await last().failed(new TextClash({ ...TASK, notes: 'eggs' }, ['notes']));
    expect([saver.draft.theirs, problems]).toEqual(['eggs', []]);
    saver.keepMine();
    expect([last().base.notes, last().changes.notes]).toEqual(['eggs', 'bread']);
  });

  it.each([
    ['refused', () => REFUSAL],
    ['a clash', () => new TextClash({ ...TASK, notes: 'eggs' }, ['notes'])],
    ['not sent before the session ended', () => new Unavailable('')],
  ])('is left over when it closed with a text that is %s', async (_, error) => {
    const saver = opened();
    saver.change('bread');
    saver.close();
    expect(saver.isLeftOver).toBe(false);
    await last().failed(error());
    expect([saver.isLeftOver, saver.draft.text]).toEqual([true, 'bread']);
  });

  it('gives up an empty title when it closes', () => {
    const saver = opened('title');
    type(saver, ' ');
    saver.close();
    expect([texts(), saver.draft.text, saver.isLeftOver]).toEqual([[], 'Shop', false]);
  });

  it('sends nothing that was discarded', () => {
    const saver = opened();
    saver.change('bread');
    saver.discard();
    saver.close();
    clock.advance(PAUSE_MS);
    expect([texts(), saver.isLeftOver]).toEqual([[], false]);
  });
});
