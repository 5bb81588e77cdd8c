/** What the connection is doing, for whoever shows it. */

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly connectionId: string }
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly cause: string }
  /** Tries go on, at the slowest pace: there is no network, or ten tries in a row have failed. */
  | { readonly kind: 'offline'; readonly untilMs: number; readonly cause: string }
  | { readonly kind: 'signed out'; readonly reason: string | null };

export const SIGNED_OUT: ConnectionState = { kind: 'signed out', reason: null };
