import { describe, expect, it } from 'vitest';

import { addressOf, placeOf } from './router';

const place = (path: string) => placeOf(new URL(path, 'http://planner.test'));

describe('the address', () => {
  it.each([
    '/app/board',
    '/app/board?task=t1',
    '/app/day',
    '/app/day/2026-11-23?task=t1',
    '/app/search?q=milk+%26+bread',
    '/app/settings/keys',
  ])('%s names a screen and is named by it', (address) => {
    expect(addressOf(place(address))).toBe(address);
  });

  it.each(['/', '/app/', '/app/nowhere'])('%s is the board', (address) => {
    expect(place(address).screen).toEqual({ name: 'board' });
  });

  it('of a day that does not exist is today', () => {
    expect(place('/app/day/2026-02-30').screen).toEqual({ name: 'day', date: null });
  });
});
