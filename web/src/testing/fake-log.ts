/** The event log of the fake server's one user, and the sockets that follow it. */

import type { Actor, EventPayloads, EventType } from '../realtime/event-types';
import type { OpenSocket, Socket, SocketListener } from '../realtime/socket';

export const EPOCH = 'epoch-1';
const NOW = '2026-11-23T12:00:00.000Z';

interface Line {
  listener: SocketListener;
  connectionId: string;
}

export class FakeLog {
  readonly #events: object[] = [];
  readonly #lines = new Set<Line>();
  #connections = 0;
  /** While false, every connection is refused and every line is cut. */
  #isUp = true;

  get head(): number {
    return this.#events.length;
  }

  get connectionCount(): number {
    return this.#connections;
  }

  /** Appends an event and sends it to every line. */
  append<T extends EventType>(type: T, payload: EventPayloads[T], actor: Actor, origin: string | null): void {
    const event = {
      type,
      payload,
      timestamp: NOW,
      id: this.head + 1,
      epoch: EPOCH,
      actor,
      ...(origin === null ? {} : { origin }),
    };
    this.#events.push(event);
    for (const line of [...this.#lines]) send(line, event);
  }

  readonly open: OpenSocket = (url, protocols, listener): Socket => {
    const line: Line = { listener, connectionId: `connection-${(this.#connections += 1)}` };
    setTimeout(() => this.#accept(line, new URL(url), protocols), 0);
    return {
      send: (text) => this.#received(line, JSON.parse(text) as { type: string }),
      close: () => this.#lines.delete(line),
    };
  };

  goDown(): void {
    this.#isUp = false;
    this.cut(1012);
  }

  comeUp(): void {
    this.#isUp = true;
  }

  cut(code = 1006, reason = ''): void {
    for (const line of [...this.#lines]) {
      this.#lines.delete(line);
      line.listener.closed({ code, reason });
    }
  }

  #accept(line: Line, url: URL, protocols: string[]): void {
    if (!this.#isUp || protocols[0] !== 'realtime.v1') return line.listener.closed({ code: 1006, reason: '' });
    const since = Number(url.searchParams.get('since') ?? NaN);
    const isKnown = url.searchParams.get('epoch') === EPOCH && since <= this.head;
    const payload = {
      userId: 'u1',
      connectionId: line.connectionId,
      epoch: EPOCH,
      lastEventId: isKnown ? since : this.head,
      recovered: isKnown,
    };
    this.#lines.add(line);
    send(line, { type: 'connected', payload, timestamp: NOW });
    if (isKnown) for (const event of this.#events.slice(since)) send(line, event);
  }

  #received(line: Line, { type }: { type: string }): void {
    if (!this.#lines.has(line)) return;
    if (type === 'ping') send(line, { type: 'pong', payload: { epoch: EPOCH, lastEventId: this.head }, timestamp: NOW });
    else send(line, { type: 'auth:ok', payload: { expiresAt: null }, timestamp: NOW });
  }
}

function send(line: Line, frame: object): void {
  line.listener.message(JSON.stringify(frame));
}
