import { describe, expect, it } from 'vitest';

import { fakeBlock } from '../../testing/fake-rows';
import { freeSlot, slotAt, slotTo } from './slots';

const at = (start: number, length: number) => Object.values(slotAt(start * 60, length)).join('-');
const to = (start: number, end: number) => Object.values(slotTo(start * 60, end * 60)).join('-');

describe('slotAt', () => {
  it('keeps the length and stays within the day', () => {
    expect([at(9, 45), at(-1, 45), at(24, 45)]).toEqual(['09:00-09:45', '00:00-00:45', '23:15-24:00']);
  });
});

describe('slotTo', () => {
  it('keeps the start, whatever the end', () => {
    expect([to(9, 10), to(23, 25), to(9, 8)]).toEqual(['09:00-10:00', '23:00-24:00', '09:00-09:15']);
  });
});

describe('freeSlot', () => {
  const blocks = [
    fakeBlock({ id: 'a', startTime: '09:00', endTime: '12:00' }),
    fakeBlock({ id: 'b', startTime: '09:30', endTime: '10:00' }),
    fakeBlock({ id: 'c', startTime: '12:15', endTime: '13:00' }),
  ];

  it.each([
    ['before the first block', 8 * 60, '08:00'],
    ['at the next quarter', 8 * 60 + 7, '08:15'],
    ['after blocks, in a gap that is wide enough', 9 * 60, '13:00'],
    ['at the end of a day without room', 24 * 60 - 5, '23:30'],
  ])('is %s', (_, fromMins, start) => {
    expect(freeSlot(blocks, fromMins, 30).startTime).toBe(start);
  });
});
