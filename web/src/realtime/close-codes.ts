/** What a person is told when a socket was closed, and how long the client waits; the codes are the server's. */

import { CLOSE_CODES } from './event-types';
import type { Reconnect } from './event-types';

export interface Closing {
  readonly reconnect: Reconnect;
  /** For a person, when the connection's state is explained. */
  readonly sentence: string;
}

type Name = keyof typeof CLOSE_CODES;

const SENTENCES: Readonly<Record<Name, string>> = {
  PROTOCOL_ERROR: 'The connection was garbled.',
  INVALID_TEXT: 'The connection was garbled.',
  MESSAGE_TOO_BIG: 'This tab sent too long a message.',
  INTERNAL_ERROR: 'The server failed.',
  RESTARTING: 'The server restarts.',
  CREDENTIAL_REFUSED: 'You have been signed out.',
  TOO_SLOW: 'This connection was too slow.',
  HEARTBEAT_MISSED: 'The line went silent.',
  TOO_MANY_CONNECTIONS: 'Too many tabs of yours are connected.',
  TOO_MANY_MESSAGES: 'This tab sent too many messages.',
};

export const CREDENTIAL_REFUSED = CLOSE_CODES.CREDENTIAL_REFUSED.code;

export const CONNECTION_LOST: Closing = { reconnect: 'backing off', sentence: 'The connection was lost.' };

/** A code that is not in the table (1006 from a cut line, one of a later server) is a lost connection. */
export function closing(code: number): Closing {
  const name = (Object.keys(CLOSE_CODES) as Name[]).find((known) => CLOSE_CODES[known].code === code);
  return name ? { reconnect: CLOSE_CODES[name].reconnect, sentence: SENTENCES[name] } : CONNECTION_LOST;
}

export interface Wait {
  readonly leastMs: number;
  readonly jitterMs: number;
}

export const WAITS: Readonly<Record<'at once' | 'after a wait' | 'after a long wait', Wait>> = {
  'at once': { leastMs: 0, jitterMs: 1_000 },
  'after a wait': { leastMs: 10_000, jitterMs: 10_000 },
  'after a long wait': { leastMs: 60_000, jitterMs: 60_000 },
};
