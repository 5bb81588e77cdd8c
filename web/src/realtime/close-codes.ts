/** Why a socket was closed, and what a client does about it. */

export type Comeback =
  /** The credential is no good: sign in again. */
  | 'never'
  | 'at-once'
  | 'backoff'
  | 'after-wait'
  | 'after-long-wait';

export interface CloseCode {
  readonly comeback: Comeback;
  /** For a person, when the connection's state is explained. */
  readonly sentence: string;
}

export const CREDENTIAL_REFUSED = 4001;

const CLOSE_CODES: Readonly<Record<number, CloseCode>> = {
  [CREDENTIAL_REFUSED]: { comeback: 'never', sentence: 'You have been signed out.' },
  4008: { comeback: 'backoff', sentence: 'This connection was too slow.' },
  4009: { comeback: 'backoff', sentence: 'The line went silent.' },
  4013: { comeback: 'after-long-wait', sentence: 'Too many tabs of yours are connected.' },
  4029: { comeback: 'after-wait', sentence: 'This tab sent too many messages.' },
  1012: { comeback: 'at-once', sentence: 'The server restarts.' },
};

export const CONNECTION_LOST: CloseCode = { comeback: 'backoff', sentence: 'The connection was lost.' };

/** A code that is not in the table (1006 from a cut line, one of a later server) is a lost connection. */
export function closeCode(code: number): CloseCode {
  return CLOSE_CODES[code] ?? CONNECTION_LOST;
}

export interface Wait {
  readonly leastMs: number;
  readonly jitterMs: number;
}

export const WAITS: Readonly<Record<'at-once' | 'after-wait' | 'after-long-wait', Wait>> = {
  'at-once': { leastMs: 0, jitterMs: 1_000 },
  'after-wait': { leastMs: 10_000, jitterMs: 10_000 },
  'after-long-wait': { leastMs: 60_000, jitterMs: 60_000 },
};
