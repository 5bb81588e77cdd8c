import { describe, expect, it } from 'vitest';

import { addDays, dayIn, dayName, daysBetween, duration, minuteIn, timeOf } from './dates';

describe('days', () => {
  it('are those of the time zone', () => {
    const instant = Date.parse('2026-11-23T23:30:00Z');
    expect(dayIn('UTC', instant)).toBe('2026-11-23');
    expect(dayIn('Asia/Tokyo', instant)).toBe('2026-11-24');
    expect(minuteIn('Asia/Kolkata', instant)).toBe(5 * 60);
  });

  it('are counted through the ends of months and summer time', () => {
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
  });

  it('have the names that people use', () => {
    const names = ['2026-11-22', '2026-11-23', '2026-11-24', '2026-11-26', '2026-12-07'];
    expect(names.map((date) => dayName(date, '2026-11-23'))).toEqual([
      'Yesterday',
      'Today',
      'Tomorrow',
      'Thursday',
      'Mon 7 Dec',
    ]);
  });
});

describe('times', () => {
  it('end the day at 24:00', () => {
    expect([timeOf(0), timeOf(605), timeOf(1440), timeOf(2000)]).toEqual(['00:00', '10:05', '24:00', '24:00']);
  });

  it('are told in hours and minutes', () => {
    expect([45, 60, 90].map(duration)).toEqual(['45 min', '1 h', '1 h 30 min']);
  });
});
