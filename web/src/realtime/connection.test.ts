import { beforeEach, describe, expect, it } from 'vitest';

import { FakeClock } from '../testing/fake-clock';
import { FakeSockets } from '../testing/fake-socket';
import { FakeOnline, FakeStorage, FakeVisibility, fakeToken } from '../testing/fake-sources';
import { Connection } from './connection';
import type { DataEvent } from './frames';
import { Session } from './session';

const DAY_MS = 86_400_000;

describe('Connection', () => {
  let clock: FakeClock;
  let sockets: FakeSockets;
  let online: FakeOnline;
  let visibility: FakeVisibility;
  let session: Session;
  let connection: Connection;
  let events: DataEvent[];
  let stale: string[];
  let token: string;

  const ids = () => events.map((event) => event.id);
  const waitMs = () => ('untilMs' in connection.state ? connection.state.untilMs - clock.now() : 0);
  const failTimes = (times: number) => {
    for (let time = 0; time < times; time += 1) {
      sockets.latest.drop();
      clock.advance(waitMs());
    }
  };

  beforeEach(() => {
    clock = new FakeClock();
    sockets = new FakeSockets();
    online = new FakeOnline();
    visibility = new FakeVisibility();
    session = new Session(new FakeStorage().tab());
    token = fakeToken('u1', clock.now(), DAY_MS);
    session.accept(token);
    const url = 'ws://planner.test/ws';
    connection = new Connection({ url, session, openSocket: sockets.open, clock, online, visibility, random: () => 1 });
    [events, stale] = [[], []];
    connection.onEvent((event) => events.push(event));
    connection.onStale((reason) => stale.push(reason));
    connection.start();
  });

  describe('opening', () => {
    it('sends the token as a subprotocol and keeps it out of the address', () => {
      expect(sockets.latest.protocols).toEqual(['realtime.v1', `bearer.${token}`]);
      expect(sockets.latest.url.search).toBe('');
    });

    it('is live once the server says so', () => {
      expect(connection.state.kind).toBe('connecting');
      sockets.latest.connected({ connectionId: 'c7' });
      expect(connection.state).toEqual({ kind: 'live', connectionId: 'c7' });
    });

    it('declares everything stale once when it was not recovered', () => {
      sockets.latest.connected({ recovered: false });
      expect(stale).toEqual(['not recovered']);
    });

    it('follows the log from the place where the first read was', () => {
      connection.stop();
      connection.start({ epoch: 'e1', lastEventId: 12 });
      expect(sockets.latest.url.search).toBe('?since=12&epoch=e1');
      sockets.latest.connected({ recovered: true, lastEventId: 12 });
      sockets.latest.event(13);
      expect([stale, ids()]).toEqual([[], [13]]);
    });

    it('gives up a handshake that takes too long', () => {
      clock.advance(10_000);
      expect(sockets.latest.isClosedByClient).toBe(true);
      expect(connection.state.kind).toBe('waiting');
    });
  });

  describe('events', () => {
    beforeEach(() => sockets.latest.connected());

    it('delivers each once and in order', () => {
      for (const id of [42, 43, 43, 42, 44]) sockets.latest.event(id);
      expect(ids()).toEqual([42, 43, 44]);
    });

    it('resumes behind the last event', () => {
      sockets.latest.event(42);
      sockets.latest.drop();
      clock.advance(1_000);
      expect(sockets.latest.url.search).toBe('?since=42&epoch=e1');
      stale.length = 0;
      sockets.latest.connected({ recovered: true, lastEventId: 42 });
      sockets.latest.event(43);
      expect([stale, ids()]).toEqual([[], [42, 43]]);
    });

    it('goes on from where a resync says', () => {
      stale.length = 0;
      sockets.latest.deliver({ type: 'resync', payload: { reason: 'rewound', epoch: 'e2', lastEventId: 5 } });
      sockets.latest.event(6, { epoch: 'e2' });
      expect([stale, ids()]).toEqual([['rewound'], [6]]);
    });

    it('ignores what it cannot read', () => {
      sockets.latest.deliver({ type: 'task:created', payload: { nothing: true }, id: 42 });
      sockets.latest.event(42);
      expect(ids()).toEqual([42]);
    });

    it('ignores the late words of an old socket', () => {
      const old = sockets.latest;
      old.drop();
      clock.advance(1_000);
      sockets.latest.connected({ recovered: true, lastEventId: 41 });
      old.deliver({ type: 'resync', payload: { reason: 'late', epoch: 'e2', lastEventId: 1 } });
      old.drop(4001);
      expect(connection.state.kind).toBe('live');
      expect(connection.position).toEqual({ epoch: 'e1', lastEventId: 41 });
    });
  });

  describe('coming back', () => {
    it('waits longer after each failure', () => {
      const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000].map((expected) => {
        sockets.latest.drop();
        const opened = sockets.all.length;
        clock.advance(expected - 1);
        const isEarly = sockets.all.length > opened;
        clock.advance(1);
        return [isEarly, sockets.all.length - opened];
      });
      expect(waits).toEqual(waits.map(() => [false, 1]));
    });

    it('says offline after ten fast attempts and never gives up', () => {
      failTimes(10);
      sockets.latest.drop();
      expect(connection.state.kind).toBe('offline');
      failTimes(50);
      sockets.latest.connected();
      expect(connection.state.kind).toBe('live');
    });

    it('starts the backoff afresh after a connection that held', () => {
      failTimes(8);
      sockets.latest.connected();
      clock.advance(5_000);
      sockets.latest.drop();
      expect(connection.state).toMatchObject({ kind: 'waiting', untilMs: clock.now() + 1_000 });
    });

    it('keeps backing off from a server that accepts and drops', () => {
      failTimes(3);
      sockets.latest.connected();
      sockets.latest.drop();
      expect(connection.state).toMatchObject({ untilMs: clock.now() + 8_000 });
    });

    it('retries at once when the person asks, the network returns or the page is shown', () => {
      for (const wake of [() => connection.retryNow(), () => online.set(true), () => visibility.show()]) {
        sockets.latest.drop();
        const opened = sockets.all.length;
        wake();
        expect(sockets.all.length).toBe(opened + 1);
      }
    });

    it('shows offline when the browser has no network', () => {
      sockets.latest.drop();
      online.set(false);
      expect(connection.state.kind).toBe('offline');
    });

    it.each([
      [1012, 1_000],
      [4008, 1_000],
      [4009, 1_000],
      [1011, 20_000],
      [4029, 20_000],
      [4013, 120_000],
    ])('after %i comes back within %i ms', (code, waitMs) => {
      sockets.latest.drop(code);
      expect(connection.state).toMatchObject({ untilMs: clock.now() + waitMs });
    });

    it('is not woken early when the server asked for a wait', () => {
      sockets.latest.drop(4013);
      visibility.show();
      expect(sockets.all.length).toBe(1);
    });
  });

  describe('liveness', () => {
    beforeEach(() => sockets.latest.connected());

    const pong = (lastEventId = 41) => sockets.latest.deliver({ type: 'pong', payload: { epoch: 'e1', lastEventId } });

    it('asks a line that is quiet for 25 s', () => {
      clock.advance(24_999);
      expect(sockets.latest.sent).toEqual([]);
      clock.advance(1);
      expect(sockets.latest.sent).toEqual([{ type: 'ping' }]);
    });

    it('takes a line for dead that does not answer in 10 s', () => {
      clock.advance(35_000);
      expect(sockets.all[0]?.isClosedByClient).toBe(true);
      clock.advance(1_000);
      expect(sockets.all.length).toBe(2);
    });

    it('goes on asking a line that answers', () => {
      for (let round = 0; round < 5; round += 1) {
        clock.advance(25_000);
        pong();
      }
      expect(sockets.latest.sent.length).toBe(5);
      expect(sockets.all.length).toBe(1);
    });

    it('asks at once when the page is shown again', () => {
      visibility.show();
      expect(sockets.latest.sent).toEqual([{ type: 'ping' }]);
    });

    it('declares everything stale when a pong is ahead of the events', () => {
      stale.length = 0;
      pong(44);
      expect(stale).toEqual(['missed events']);
    });
  });

  describe('the credential', () => {
    it('signs out on 4001 and never comes back by itself', () => {
      sockets.latest.connected();
      sockets.latest.drop(4001, 'session ended');
      clock.advance(DAY_MS);
      online.set(true);
      expect(connection.state).toEqual({ kind: 'signed out', reason: 'session ended' });
      expect([session.token, sockets.all.length]).toEqual([null, 1]);
    });

    it('tries the new token when the old one is refused', () => {
      session.accept(fakeToken('u1', clock.now() + 1_000, DAY_MS));
      sockets.latest.drop(4001);
      clock.advance(1_000);
      expect(sockets.latest.protocols[1]).toBe(`bearer.${session.token ?? ''}`);
      expect(session.token).not.toBeNull();
    });

    it('tells a renewed token over the open line', () => {
      sockets.latest.connected();
      const renewed = fakeToken('u1', clock.now() + 1_000, DAY_MS);
      session.accept(renewed);
      expect(sockets.latest.sent).toEqual([{ type: 'auth', payload: { token: renewed } }]);
      sockets.latest.deliver({ type: 'auth:ok', payload: { expiresAt: null } });
      expect(sockets.all.length).toBe(1);
    });

    it('opens a new line, and just one, when the open one refuses the renewed token', () => {
      sockets.latest.connected();
      session.accept(fakeToken('u1', clock.now() + 1_000, DAY_MS));
      sockets.latest.deliver({ type: 'error', payload: { code: 'AUTHENTICATION_ERROR', message: 'no' } });
      expect([sockets.all.length, sockets.stillOpen.length]).toEqual([2, 1]);
    });

    it('leaves nothing of one user to the next', () => {
      sockets.latest.connected();
      session.accept(fakeToken('u2', clock.now(), DAY_MS));
      expect([sockets.all.length, sockets.stillOpen.length]).toEqual([2, 1]);
      expect(sockets.latest.url.search).toBe('');
    });

    it('hangs up when another tab signs out', () => {
      sockets.latest.connected();
      session.end();
      expect(sockets.stillOpen).toEqual([]);
      expect(connection.state.kind).toBe('signed out');
    });
  });
});
