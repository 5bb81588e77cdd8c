import { describe, expect, it } from 'vitest';

import type { Query } from '../api/http';
import { fakeTask } from '../testing/fake-rows';
import { DayLoader } from './day-loader';

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
    const lists = await Promise.all(['2026-11-25', '2026-11-23', '2026-11-24'].map((date) => days.load(date)));
    expect(queries).toEqual([{ from: '2026-11-23', to: '2026-11-25' }]);
    expect(lists.map((list) => list.map((task) => task.id))).toEqual([['b'], ['a'], []]);
  });

  it('does not fetch the weeks between two far days', async () => {
    const { days, queries } = loader();
    await Promise.all([days.load('2026-11-23'), days.load('2027-03-01')]);
    expect(queries.length).toBe(2);
  });

  it('tells everyone of a failure and fetches again next time', async () => {
    let isDown = true;
    const days = new DayLoader(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve([])));
    await expect(Promise.all([days.load('2026-11-23'), days.load('2026-11-24')])).rejects.toThrow('down');
    isDown = false;
    await expect(days.load('2026-11-23')).resolves.toEqual([]);
  });
});
