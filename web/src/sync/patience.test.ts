import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError, Unavailable } from '../api/errors';
import { FakeClock, settle } from '../testing/fake-clock';
import { Patience } from './patience';

const refused = (status: number) => new ApiError({ status, code: 'X', message: 'no', fields: {}, current: undefined });

describe('Patience', () => {
  let clock: FakeClock;
  let patience: Patience;
  let sent: string[];
  let fault: Error | null;
  let leave: AbortController;

  const read = (name: string) =>
    patience.read(leave.signal, () => {
      sent.push(name);
      return fault ? Promise.reject(fault) : Promise.resolve(name);
    });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };

  beforeEach(() => {
    clock = new FakeClock();
    patience = new Patience(clock, () => 1);
    leave = new AbortController();
    [sent, fault] = [[], null];
  });

  it('sends what nobody answers again, ever more slowly, and tells until somebody does', async () => {
    fault = new Unavailable('no network');
    const answer = read('a');
    await settle();
    for (const waitMs of [1_000, 2_000, 4_000]) {
      expect(patience.failure).toBe(fault);
      const before = sent.length;
      await pass(waitMs - 1);
      expect(sent.length).toBe(before);
      await pass(1);
      expect(sent.length).toBe(before + 1);
    }
    fault = null;
    await pass(8_000);
    await expect(answer).resolves.toBe('a');
    expect(patience.failure).toBeNull();
  });

  it('sends all that wait together', async () => {
    fault = new Unavailable('no network');
    const answers = Promise.all(['a', 'b'].map(read));
    await settle();
    [sent, fault] = [[], null];
    patience.retryNow();
    await expect(answers).resolves.toEqual(['a', 'b']);
    expect(sent).toEqual(['a', 'b']);
  });

  it('waits as long as the server asks for', async () => {
    fault = new Unavailable('too many requests', 20_000);
    void read('a');
    await settle();
    await pass(19_999);
    expect(sent.length).toBe(1);
    await pass(1);
    expect(sent.length).toBe(2);
  });

  it('sends again what the server fails at', async () => {
    fault = refused(500);
    const answer = read('a');
    await settle();
    expect(patience.failure?.message).toBe('no');
    fault = null;
    await pass(1_000);
    await expect(answer).resolves.toBe('a');
  });

  it('does not send again what is refused', async () => {
    fault = refused(403);
    await expect(read('a')).rejects.toBe(fault);
    await pass(60_000);
    expect([sent, patience.failure]).toEqual([['a'], null]);
  });

  it('gives up when nobody wants the answer any more', async () => {
    fault = new Unavailable('no network');
    const answer = read('a');
    await settle();
    leave.abort();
    await expect(answer).rejects.toThrow('aborted');
    await pass(60_000);
    expect([sent, patience.failure]).toEqual([['a'], null]);
  });
});
