import { beforeEach, describe, expect, it } from 'vitest';

import { FakeClock, settle } from '../testing/fake-clock';
import { FakeOnline, FakeStorage, FakeVisibility, fakeToken } from '../testing/fake-sources';
import { TokenRenewal } from './renewal';
import { Session } from './session';

const HOUR_MS = 3_600_000;

describe('TokenRenewal', () => {
  let clock: FakeClock;
  let session: Session;
  let answers: (() => Promise<string>)[];
  let asked: number;
  let renewal: TokenRenewal;
  let online: FakeOnline;
  let visibility: FakeVisibility;

  const fresh = () => Promise.resolve(fakeToken('u1', clock.now(), HOUR_MS));
  const refused = () => Promise.reject(new Error('no network'));

  beforeEach(() => {
    clock = new FakeClock();
    session = new Session(new FakeStorage().tab());
    session.accept(fakeToken('u1', clock.now(), HOUR_MS));
    [online, visibility] = [new FakeOnline(), new FakeVisibility()];
    [answers, asked] = [[], 0];
    const renew = () => {
      asked += 1;
      return (answers.shift() ?? fresh)();
    };
    renewal = new TokenRenewal({ session, clock, online, visibility, random: () => 0, renew });
    renewal.start();
  });

  it('renews in the last quarter of the life, again and again', async () => {
    clock.advance(HOUR_MS * 0.75 - 1);
    expect(asked).toBe(0);
    const old = session.token;
    clock.advance(1);
    await settle();
    expect(asked).toBe(1);
    expect(session.token).not.toBe(old);
    clock.advance(HOUR_MS * 0.75);
    expect(asked).toBe(2);
  });

  it('tries again after a failure', async () => {
    answers.push(refused);
    clock.advance(HOUR_MS * 0.75);
    await settle();
    expect(asked).toBe(1);
    clock.advance(1_000);
    await settle();
    expect(asked).toBe(2);
  });

  it('leaves a token alone that another tab renewed meanwhile', async () => {
    clock.advance(HOUR_MS / 2);
    session.accept(fakeToken('u1', clock.now(), HOUR_MS));
    clock.advance(HOUR_MS * 0.75 - 1);
    await settle();
    expect(asked).toBe(0);
  });

  it('stops when the server gives no longer life', async () => {
    const token = session.token ?? '';
    answers.push(() => Promise.resolve(token));
    clock.advance(HOUR_MS * 0.75);
    await settle();
    clock.advance(HOUR_MS);
    expect(asked).toBe(1);
  });

  it('is at most a minute late after a sleep in which no timer ran', () => {
    clock.advance(60_000);
    clock.sleep(HOUR_MS * 0.75);
    clock.advance(60_000);
    expect(asked).toBe(1);
  });

  it.each([
    ['somebody looks at the page', () => visibility.show()],
    ['the network is back', () => online.set(true)],
  ])('looks again at once when %s after a sleep', (_, wake) => {
    clock.sleep(HOUR_MS * 0.8);
    wake();
    clock.advance(0);
    expect(asked).toBe(1);
  });

  it('does not renew in a loop where the clock is ahead', async () => {
    const ahead = () => fakeToken('u1', clock.now() - HOUR_MS * 0.9, HOUR_MS);
    answers.push(() => Promise.resolve(ahead()), () => Promise.resolve(ahead()));
    session.accept(ahead());
    for (const renewals of [1, 2]) {
      clock.advance(HOUR_MS / 10 - 1);
      expect(asked).toBe(renewals - 1);
      clock.advance(1);
      await settle();
      expect(asked).toBe(renewals);
    }
  });

  it('does nothing for who has signed out', () => {
    session.end();
    clock.advance(HOUR_MS);
    expect(asked).toBe(0);
  });
});
