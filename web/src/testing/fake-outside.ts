/** An outside world for a planner under test: the fake server, time that stands still, frames at once. */

import { createPlanner } from '../planner';
import type { Planner } from '../planner';
import { FakeClock } from './fake-clock';
import type { FakeServer } from './fake-server';
import { FakeOnline, FakeStorage, FakeVisibility, fakeToken } from './fake-sources';

const DAY_MS = 86_400_000;

export interface Tab {
  planner: Planner;
  clock: FakeClock;
  online: FakeOnline;
  visibility: FakeVisibility;
}

export function openTab(server: FakeServer): Tab {
  const clock = new FakeClock();
  const online = new FakeOnline();
  const visibility = new FakeVisibility();
  const token = new FakeStorage().tab();
  token.write(fakeToken('u1', clock.now(), DAY_MS));
  let ids = 0;
  const planner = createPlanner({
    fetch: server.fetch,
    openSocket: server.log.open,
    origin: 'http://planner.test',
    clock,
    online,
    visibility,
    frames: { next: (run) => setTimeout(run, 0) },
    token,
    random: () => 0.5,
    newId: () => `id-${(ids += 1)}`,
    timeoutSignal: () => new AbortController().signal,
  });
  return { planner, clock, online, visibility };
}
