import { describe, expect, it } from 'vitest';

import { fakeTask } from '../testing/fake-rows';
import { clashingFields, isDone } from './text-conflict';

const base = fakeTask({ id: 't1', title: 'Shop', notes: 'milk' });

describe('clashingFields', () => {
  it('is empty when other fields changed elsewhere', () => {
    const current = { ...base, version: 2, priority: 'P0' as const, title: 'Shopping' };
    expect(clashingFields(base, current, { notes: 'bread' })).toEqual([]);
  });

  it('names the field that both changed', () => {
    const current = { ...base, version: 2, notes: 'eggs' };
    expect(clashingFields(base, current, { title: 'Shop!', notes: 'bread' })).toEqual(['notes']);
  });

  it('is empty when both wrote the same', () => {
    expect(clashingFields(base, { ...base, notes: 'bread' }, { notes: 'bread' })).toEqual([]);
  });

  it('takes no notes and empty notes for the same', () => {
    expect(clashingFields({ ...base, notes: '' }, { ...base, notes: null }, { notes: 'bread' })).toEqual([]);
    expect(isDone({ ...base, notes: null }, { notes: '' })).toBe(true);
  });

  it('takes no notice of space at the ends', () => {
    expect(clashingFields({ ...base, notes: 'milk ' }, base, { notes: 'bread' })).toEqual([]);
    expect(isDone(base, { notes: 'milk\n' })).toBe(true);
  });
});
