import { describe, expect, it } from 'vitest';

import { FakeStorage, fakeToken } from '../testing/fake-sources';
import { Session } from './session';
import type { SessionChange } from './session';

const DAY_MS = 86_400_000;
const token = (userId: string, issuedAtMs = 0) => fakeToken(userId, issuedAtMs, DAY_MS);

function twoTabs() {
  const storage = new FakeStorage();
  const [here, there] = [new Session(storage.tab()), new Session(storage.tab())];
  const changes: SessionChange[] = [];
  there.subscribe((change) => changes.push(change));
  return { here, there, changes };
}

describe('Session', () => {
  it('signs in, renews and signs out in every tab', () => {
    const { here, there, changes } = twoTabs();
    here.accept(token('u1'));
    here.accept(token('u1', 1_000));
    expect(there.token).toBe(here.token);
    here.end();
    expect(changes).toEqual(['signed-in', 'renewed', 'signed-out']);
    expect(there.token).toBeNull();
  });

  it('tells another user from a renewal', () => {
    const { here, there, changes } = twoTabs();
    here.accept(token('u1'));
    here.accept(token('u2'));
    expect(changes).toEqual(['signed-in', 'signed-in']);
    expect(there.userId).toBe('u2');
  });

  it('keeps a renewed token when the old one is refused late', () => {
    const { here } = twoTabs();
    here.accept(token('u1'));
    const old = here.token ?? '';
    here.accept(token('u1', 1_000));
    here.refused(old);
    expect(here.token).not.toBeNull();
    expect(here.wasRefused).toBe(false);
    here.refused(here.token ?? '');
    expect([here.token, here.wasRefused]).toEqual([null, true]);
  });

  it('keeps a token that another tab stored without our having been told yet', () => {
    let stored: string | null = token('u1');
    const shared = { read: () => stored, write: (text: string | null) => void (stored = text), subscribe: () => () => undefined };
    const session = new Session(shared);
    stored = token('u1', 1_000);
    session.refused(token('u1'));
    expect([session.token, session.wasRefused]).toEqual([token('u1', 1_000), false]);
  });

  it('takes a stored text that is no token for nobody', () => {
    const storage = new FakeStorage();
    storage.tab().write('garbage');
    expect(new Session(storage.tab()).token).toBeNull();
  });
});
