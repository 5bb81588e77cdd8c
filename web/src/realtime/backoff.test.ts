import { describe, expect, it } from 'vitest';

import { RECONNECT, delayMs } from './backoff';

const longest = () => 1;

describe('delayMs', () => {
  it('doubles from one second up to thirty', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6].map((attempt) => delayMs(RECONNECT, attempt, longest));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('spreads over the whole delay', () => {
    expect(delayMs(RECONNECT, 3, () => 0)).toBe(0);
    expect(delayMs(RECONNECT, 3, () => 0.25)).toBe(2_000);
  });

  it('goes on at the slowest pace after ten attempts', () => {
    expect(delayMs(RECONNECT, 10, () => 0)).toBe(15_000);
    expect(delayMs(RECONNECT, 1_000, longest)).toBe(30_000);
  });
});
