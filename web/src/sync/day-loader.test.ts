import { describe, expect, it } from 'vitest';

import type { Query } from '../api/http';
import { fakeTask } from '../testing/fake-rows';
import { DayLoader } from './day-loader';

const WANTED = new AbortController().signal;

function loader() {
  const queries: Query[] = [];
  const days = new DayLoader((query) => {
    queries.push(query);
    return Promise.resolve([
      fakeTask({ id: 'a', scheduledDate: '2026-11-23' }),
      fakeTask({ id: 'b', scheduledDate: '2026-11-25' }),
    ]);
  });
  return { days, queries };
}

describe('DayLoader', () => {
  it('fetches the days of one turn in one request', async () => {
    const { days, queries } = loader();
    const lists = await Promise.all(['2026-11-25', '2026-11-23', '2026-11-24'].map((date) => days.load(date, WANTED)));
    expect(queries).toEqual([{ from: '2026-11-23', to: '2026-11-25' }]);
    expect(lists.map((list) => list.map((task) => task.id))).toEqual([['b'], ['a'], []]);
  });

  it('does not fetch the weeks between two far days', async () => {
    const { days, queries } = loader();
    await Promise.all([days.load('2026-11-23', WANTED), days.load('2027-03-01', WANTED)]);
    expect(queries.length).toBe(2);
  });

  it('gives the request up when none of its days is wanted any more', async () => {
    const [monday, tuesday] = [new AbortController(), new AbortController()];
    let request = WANTED;
    const days = new DayLoader((_, signal) => {
      request = signal;
      return Promise.resolve([]);
    });
    const lists = [days.load('2026-11-23', monday.signal), days.load('2026-11-24', tuesday.signal)];
    await Promise.all(lists);
    monday.abort();
    expect(request.aborted).toBe(false);
    tuesday.abort();
    expect(request.aborted).toBe(true);
  });

  it('tells everyone of a failure and fetches again next time', async () => {
    let isDown = true;
    const days = new DayLoader(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve([])));
    await expect(Promise.all(['2026-11-23', '2026-11-24'].map((date) => days.load(date, WANTED)))).rejects.toThrow('down');
    isDown = false;
    await expect(days.load('2026-11-23', WANTED)).resolves.toEqual([]);
  });
});
