import { describe, expect, it } from 'vitest';

import { fakeBlock } from '../../testing/fake-rows';
import { layoutDay } from './block-layout';

const block = (id: string, startTime: string, endTime: string) => fakeBlock({ id, startTime, endTime });
const columns = (...blocks: ReturnType<typeof block>[]) =>
  Object.fromEntries(layoutDay(blocks).map((one) => [one.block.id, `${one.column}/${one.columns}`]));

describe('layoutDay', () => {
  it('gives a block that stands alone the whole width', () => {
    expect(columns(block('a', '09:00', '10:00'), block('b', '10:00', '11:00'))).toEqual({ a: '0/1', b: '0/1' });
  });

  it('puts overlapping blocks side by side and reuses a column that is free again', () => {
    const layout = columns(block('a', '09:00', '12:00'), block('b', '09:30', '10:00'), block('c', '10:30', '11:00'));
    expect(layout).toEqual({ a: '0/2', b: '1/2', c: '1/2' });
  });

  it('keeps very short blocks apart too', () => {
    expect(columns(block('a', '09:00', '09:05'), block('b', '09:10', '09:30'))).toEqual({ a: '0/2', b: '1/2' });
  });
});
