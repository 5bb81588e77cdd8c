/** The part of a WebSocket that the connection uses, so that a test can bring its own. */

export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

export interface SocketListener {
  message(data: unknown): void;
  closed(close: SocketClose): void;
}

export interface Socket {
  send(text: string): void;
  close(): void;
}

export type OpenSocket = (url: string, protocols: string[], listener: SocketListener) => Socket;

export function browserSocket(): OpenSocket {
  return (url, protocols, listener) => {
    const socket = new WebSocket(url, protocols);
    socket.onmessage = (message: MessageEvent<unknown>) => listener.message(message.data);
    socket.onclose = (close) => listener.closed(close);
    return socket;
  };
}
