import { beforeEach, describe, expect, it } from 'vitest';

import { FakeClock, settle } from '../testing/fake-clock';
import { FakeStorage, fakeToken } from '../testing/fake-sources';
import { TokenRenewal } from './renewal';
import { Session } from './session';

const HOUR_MS = 3_600_000;

describe('TokenRenewal', () => {
  let clock: FakeClock;
  let session: Session;
  let answers: (() => Promise<string>)[];
  let asked: number;
  let renewal: TokenRenewal;

  const fresh = () => Promise.resolve(fakeToken('u1', clock.now(), HOUR_MS));
  const refused = () => Promise.reject(new Error('no network'));

  beforeEach(() => {
    clock = new FakeClock();
    session = new Session(new FakeStorage().tab());
    session.accept(fakeToken('u1', clock.now(), HOUR_MS));
    [answers, asked] = [[], 0];
    const renew = () => {
      asked += 1;
      return (answers.shift() ?? fresh)();
    };
    renewal = new TokenRenewal({ session, clock, random: () => 0, renew });
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

  it('does nothing for who has signed out', () => {
    session.end();
    clock.advance(HOUR_MS);
    expect(asked).toBe(0);
  });
});
