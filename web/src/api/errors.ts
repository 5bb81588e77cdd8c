/** The ways in which a request fails: refused with a reason, or not answered by anybody who could know. */

const NOT_FOUND = 'NOT_FOUND_ERROR';

export type FieldErrors = Readonly<Record<string, readonly string[]>>;

export interface Refusal {
  status: number;
  code: string;
  message: string;
  fields: FieldErrors;
  /** On a stale version: the row as it now stands. */
  current: unknown;
}

/** The server understood and said no; trying again would not help. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly fields: FieldErrors;
  readonly current: unknown;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.status = refusal.status;
    this.code = refusal.code;
    this.fields = refusal.fields;
    this.current = refusal.current;
  }

  /** What the request was about is not there, or no longer. */
  get isGone(): boolean {
    return this.code === NOT_FOUND;
  }
}

/** No network, no answer in time, or a server that asks for patience: whether a write was done is unknown. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly retryAfterMs: number;
  /** Something in between, such as a firewall, said no: what that comes to if it goes on saying so. */
  readonly refusal: ApiError | null;

  constructor(message: string, retryAfterMs = 0, refusal: ApiError | null = null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
    this.refusal = refusal;
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong.';
}
