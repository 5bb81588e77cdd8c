import { describe, expect, it } from 'vitest';

import { fakeBlock } from '../testing/fake-rows';
import { cascade } from './cascade';

const block = (id: string, startTime: string, endTime: string) => fakeBlock({ id, startTime, endTime });
const day = [block('a', '09:00', '10:00'), block('b', '10:00', '10:30'), block('c', '11:00', '12:00'), block('d', '15:00', '16:00')];
const [a = day[0]] = day;

describe('cascade', () => {
  it('pushes later blocks on only as far as they would overlap', () => {
    const slots = cascade(day, a as NonNullable<typeof a>, { startTime: '09:00', endTime: '10:45' });
    expect(Object.fromEntries(slots)).toEqual({
      a: { startTime: '09:00', endTime: '10:45' },
      b: { startTime: '10:45', endTime: '11:15' },
      c: { startTime: '11:15', endTime: '12:15' },
    });
  });

  it('leaves the others alone when there is room', () => {
    const slots = cascade(day, a as NonNullable<typeof a>, { startTime: '09:00', endTime: '10:00' });
    expect([...slots.keys()]).toEqual(['a']);
  });
});
