import { beforeEach, describe, expect, it } from 'vitest';

import { FakeClock } from '../testing/fake-clock';
import { Notices } from './notices';

describe('Notices', () => {
  let clock: FakeClock;
  let notices: Notices;

  const texts = () => notices.shown.map((notice) => notice.text);
  const show = (text: string, replacing?: number) => notices.show({ text, tone: 'info' }, replacing);

  beforeEach(() => {
    clock = new FakeClock();
    notices = new Notices(clock);
  });

  it('go by themselves', () => {
    show('a');
    clock.advance(8_000);
    expect(texts()).toEqual([]);
  });

  it('stay while somebody reads them', () => {
    const id = show('a');
    notices.hold(id);
    clock.advance(60_000);
    expect(texts()).toEqual(['a']);
    notices.release(id);
    clock.advance(8_000);
    expect(texts()).toEqual([]);
  });

  it('are replaced in place, and stay as long as a new one', () => {
    const id = show('3 tasks');
    clock.advance(7_000);
    expect(show('4 tasks', id)).toBe(id);
    clock.advance(7_000);
    expect(texts()).toEqual(['4 tasks']);
  });

  it('come anew when what they replace has gone', () => {
    const id = show('3 tasks');
    notices.dismiss(id);
    expect(show('4 tasks', id)).not.toBe(id);
  });

  it('are never a wall', () => {
    for (const text of ['a', 'b', 'c', 'd']) show(text);
    expect(texts()).toEqual(['b', 'c', 'd']);
  });
});
