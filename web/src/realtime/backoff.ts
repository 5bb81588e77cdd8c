/** How long to wait before the next attempt: data, and one function that reads it. */

export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly ceilingMs: number;
  /** After so many failures in a row every further wait is a long one. */
  readonly fastAttempts: number;
}

export const RECONNECT: Backoff = { firstMs: 1_000, factor: 2, ceilingMs: 30_000, fastAttempts: 10 };

/**
 * The wait before attempt number `attempt` (from 0). Full jitter, so that a thousand tabs of one restarted server
 * don't come back in step; once slow, between half the ceiling and all of it.
 */
export function delayMs(backoff: Backoff, attempt: number, random: () => number): number {
  if (isSlow(backoff, attempt)) return backoff.ceilingMs * (0.5 + random() / 2);
  return random() * Math.min(backoff.ceilingMs, backoff.firstMs * backoff.factor ** attempt);
}

export function isSlow(backoff: Backoff, attempt: number): boolean {
  return attempt >= backoff.fastAttempts;
}
