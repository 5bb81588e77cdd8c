import { describe, expect, it } from 'vitest';

import examples from '../../../tests/examples/events.json';
import type { DataEvent } from '../realtime/frames';
import { concernsOf } from './concerns';

const TASK = '0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01';

function concerns(name: string) {
  const example = examples.find((one) => one.name === name);
  if (!example) throw new Error(`there is no example "${name}"`);
  return concernsOf(example.event as DataEvent);
}

describe('concernsOf', () => {
  it('a task that moves: its new day, its departure from the old one, the task', () => {
    expect(concerns('a task moves to another day')).toMatchObject({
      places: ['2026-11-26'],
      departures: [{ taskId: TASK, from: '2026-11-23', to: '2026-11-26', version: 5 }],
      present: [TASK],
      tasks: [{ taskId: TASK, version: 5 }],
      blockTaskIds: [TASK],
      profile: false,
    });
  });

  it('a task out of the backlog: its day, its departure from the backlog', () => {
    const { places, departures } = concerns('a task moves out of the backlog');
    expect([places, departures[0]?.from]).toEqual([['2026-11-24'], null]);
  });

  it('a deleted task: no list to fetch, a departure from all of them', () => {
    expect(concerns('a task is deleted')).toMatchObject({ places: [], departures: [{ taskId: TASK, version: 7 }] });
  });

  it('a restored task: its list, and the blocks that it got back', () => {
    const { places, blockIds } = concerns('a task is restored with its blocks');
    expect([places, blockIds]).toEqual([[null], ['3f1c1f0d-51b5-4a37-9f3f-0d5ad3a8a001']]);
  });

  it('a new order: its day, and departures of those that came from elsewhere', () => {
    const { places, departures, present } = concerns('a day is put in order, with a task from the backlog');
    expect([places, departures.map(({ from, to }) => [from, to])]).toEqual([['2026-11-23'], [[null, '2026-11-23']]]);
    expect(present).toContain(departures[0]?.taskId);
    expect(concerns('a backlog that is too long to be listed is put in order').places).toEqual([null]);
  });

  it('a block that moves: both days, and no list of tasks', () => {
    const { blockDates, places } = concerns('a time block moves to another day');
    expect([blockDates, places]).toEqual([['2026-11-24', '2026-11-23'], []]);
  });

  it('the profile: the profile alone', () => {
    expect(concerns('the profile changes')).toMatchObject({ profile: true, places: [], blockDates: [] });
  });
});
