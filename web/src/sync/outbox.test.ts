import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError, Unavailable } from '../api/errors';
import { FakeClock, settle } from '../testing/fake-clock';
import { fakeTask } from '../testing/fake-rows';
import { Outbox } from './outbox';
import type { Write } from './outbox';
import { changing } from './task-writes';

const refusal = new ApiError({ status: 400, code: 'X', message: 'no', fields: {}, current: undefined });

describe('Outbox', () => {
  let clock: FakeClock;
  let outbox: Outbox;
  let sent: string[];
  let isReachable: boolean;

  const write = (id: string, refuse?: Error): Write<string> => ({
    tasks: changing(fakeTask({ id }), (row) => row),
    send: () => {
      sent.push(id);
      if (!isReachable) return Promise.reject(new Unavailable('no network'));
      return refuse ? Promise.reject(refuse) : Promise.resolve(id);
    },
  });

  beforeEach(() => {
    clock = new FakeClock();
    outbox = new Outbox(clock, () => 1);
    [sent, isReachable] = [[], true];
  });

  it('sends in order, one after the other', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map((id) => outbox.add(write(id))));
    expect([answers, sent]).toEqual([['a', 'b', 'c'], ['a', 'b', 'c']]);
    expect(outbox.pending.count).toBe(0);
  });

  it('drops what is refused, tells why, and goes on', async () => {
    const refused = outbox.add(write('a', refusal));
    const next = outbox.add(write('b'));
    await expect(refused).rejects.toBe(refusal);
    await expect(next).resolves.toBe('b');
  });

  it('keeps what a network loss interrupts and marks it as not saved', async () => {
    isReachable = false;
    void outbox.add(write('a'));
    void outbox.add(write('b'));
    await settle();
    expect(outbox.pending).toMatchObject({ count: 2, isStuck: true, unsavedIds: new Set(['a', 'b']) });
    expect(sent).toEqual(['a']);
  });

  it('sends everything again, in order, when the server is back', async () => {
    isReachable = false;
    const answers = Promise.all(['a', 'b'].map((id) => outbox.add(write(id))));
    await settle();
    isReachable = true;
    sent.length = 0;
    outbox.retryNow();
    await expect(answers).resolves.toEqual(['a', 'b']);
    expect([sent, outbox.pending.isStuck]).toEqual([['a', 'b'], false]);
  });

  it('tries by itself too, more and more slowly', async () => {
    isReachable = false;
    void outbox.add(write('a'));
    await settle();
    for (const waitMs of [2_000, 4_000, 8_000]) {
      const before = sent.length;
      clock.advance(waitMs - 1);
      await settle();
      expect(sent.length).toBe(before);
      clock.advance(1);
      await settle();
      expect(sent.length).toBe(before + 1);
    }
  });

  it('gives up what something in between refuses again and again, and goes on', async () => {
    const refused = outbox.add(write('a', new Unavailable('no usable answer', 0, refusal)));
    const next = outbox.add(write('b'));
    const outcome = expect(refused).rejects.toBe(refusal);
    await clock.run(60_000, 1_000);
    await outcome;
    await expect(next).resolves.toBe('b');
    expect(sent).toEqual(['a', 'a', 'a', 'a', 'a', 'b']);
  });

  it('does not let the next user wait for what the last one left under way', async () => {
    const hanging = outbox.add({ send: () => new Promise<string>(() => undefined) });
    await settle();
    outbox.clear();
    await expect(hanging).rejects.toBeInstanceOf(Unavailable);
    await expect(outbox.add(write('b'))).resolves.toBe('b');
  });

  it('forgets everything on sign-out', async () => {
    isReachable = false;
    const lost = outbox.add(write('a'));
    await settle();
    outbox.clear();
    await expect(lost).rejects.toBeInstanceOf(Unavailable);
    clock.advance(60_000);
    expect([outbox.pending.count, sent.length]).toEqual([0, 1]);
  });
});
