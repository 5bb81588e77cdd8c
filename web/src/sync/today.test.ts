import { describe, expect, it } from 'vitest';

import { FakeClock } from '../testing/fake-clock';
import { FakeVisibility } from '../testing/fake-sources';
import { Today } from './today';

describe('Today', () => {
  it('moves on at midnight of the user’s time zone by itself', () => {
    const clock = new FakeClock(Date.parse('2026-11-23T22:59:30Z'));
    const today = new Today(clock, new FakeVisibility());
    today.setTimeZone('Europe/Berlin');
    expect(today.date).toBe('2026-11-23');
    clock.advance(31_000);
    expect(today.date).toBe('2026-11-24');
  });

  it('catches up when the page is shown after a sleep', () => {
    const clock = new FakeClock(Date.parse('2026-11-23T12:00:00Z'));
    const visibility = new FakeVisibility();
    const today = new Today({ now: () => clock.now(), after: () => () => undefined }, visibility);
    clock.advance(86_400_000);
    visibility.show();
    expect(today.date).toBe('2026-11-24');
  });

  it('keeps its zone when it is given one that does not exist', () => {
    const today = new Today(new FakeClock(), new FakeVisibility());
    today.setTimeZone('Mars/Olympus');
    expect(today.timeZone).toBe('UTC');
  });
});
