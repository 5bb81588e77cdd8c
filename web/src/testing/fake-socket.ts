/** The server's end of a WebSocket: a test says what arrives and reads what was sent. */

import type { OpenSocket, Socket, SocketListener } from '../realtime/socket';

const NOW = '2026-11-23T12:00:00.000Z';

export class FakeSocket implements Socket {
  readonly sent: unknown[] = [];
  isClosedByClient = false;

  constructor(
    readonly url: URL,
    readonly protocols: string[],
    readonly listener: SocketListener,
  ) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosedByClient = true;
  }

  deliver(frame: { type: string; payload?: object; [field: string]: unknown }): void {
    this.listener.message(JSON.stringify({ payload: {}, timestamp: NOW, ...frame }));
  }

  connected(fields: object = {}): void {
    this.deliver({
      type: 'connected',
      payload: { userId: 'u1', connectionId: 'c1', epoch: 'e1', lastEventId: 41, recovered: false, ...fields },
    });
  }

  event(id: number, fields: object = {}): void {
    this.deliver({
      type: 'task:created',
      payload: { taskId: `t${id}`, scheduledDate: '2026-11-23', version: 1 },
      id,
      epoch: 'e1',
      actor: { kind: 'session', id: 's1', name: 'Firefox' },
      ...fields,
    });
  }

  drop(code = 1006, reason = ''): void {
    this.listener.closed({ code, reason });
  }
}

/** Every socket that was opened, oldest first. */
export class FakeSockets {
  readonly all: FakeSocket[] = [];

  readonly open: OpenSocket = (url, protocols, listener) => {
    const socket = new FakeSocket(new URL(url), protocols, listener);
    this.all.push(socket);
    return socket;
  };

  get latest(): FakeSocket {
    const socket = this.all.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }

  get stillOpen(): FakeSocket[] {
    return this.all.filter((socket) => !socket.isClosedByClient);
  }
}
