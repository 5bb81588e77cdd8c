/** One request of the REST API: sends, reads the envelope, and turns every failure into one of the two errors. */

import type { Position } from '../realtime/position';
import { isRecord } from '../realtime/schema';
import type { Session } from '../realtime/session';
import type { EchoLedger } from './echo';
import { ApiError, Unavailable } from './errors';
import type { FieldErrors } from './errors';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  /** The version that the row must still have. */
  ifVersion?: number;
  /**
   * Names a create, for a server that knows a repeat by it. Ours doesn't: a create that is sent again because its answer
   * was lost makes a second row.
   */
  idempotencyKey?: string;
  /** Ends it when nobody wants the answer any more. */
  signal?: AbortSignal;
}

export interface PageMeta {
  page: number;
  limit: number;
  total: number;
  totalPages: number;
}

export interface Answer<T> {
  data: T;
  meta: PageMeta | null;
  /** The place in the user's event log: of a read, at or before what was read; of a write, its own last event. */
  position: Position | null;
}

export interface HttpOptions {
  fetch: typeof fetch;
  baseUrl: string;
  session: Session;
  ledger: EchoLedger;
  connectionId: () => string | null;
  /** Ends a request that nobody answers. */
  timeoutSignal: () => AbortSignal;
}

const TEMPORARY = new Set([429, 502, 503, 504]);
/** What something in between answers for a reason that passes: it asks for a sign-in or for patience. */
const PASSING = new Set([401, 407, 408, 429]);

export class HttpClient {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  async read<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer<T>> {
    return this.#exchange<T>('GET', path, { query, signal }, null);
  }

  async write<T>(method: Method, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    const { ledger } = this.#options;
    const connectionId = this.#options.connectionId();
    let written: Position | null = null;
    ledger.begin(connectionId);
    try {
      const answer = await this.#exchange<T>(method, path, options, connectionId);
      written = answer.position;
      return answer;
    } finally {
      ledger.settle(written?.lastEventId ?? null, written?.epoch ?? null);
    }
  }

  async #exchange<T>(method: Method, path: string, options: RequestOptions, connectionId: string | null): Promise<Answer<T>> {
    const { session } = this.#options;
    const { token, userId } = session;
    const response = await this.#send(method, path, options, token, connectionId);
    const body = await envelope(response);
    if (session.userId !== userId) throw new Unavailable('Somebody else is signed in now.');
    if (response.ok && isRecord(body)) {
      return { data: body.data as T, meta: (body.meta ?? null) as PageMeta | null, position: positionOf(response) };
    }
    const error = failure(response, body);
    if (token !== null && error instanceof ApiError && error.status === 401) {
      session.refused(token);
      // With the token that another tab has now, or that the next sign-in brings, it gets its try.
      throw new Unavailable('The session has ended.');
    }
    throw error;
  }

  async #send(method: Method, path: string, options: RequestOptions, token: string | null, connectionId: string | null): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token !== null) headers.Authorization = `Bearer ${token}`;
    if (connectionId !== null) headers['X-Connection-Id'] = connectionId;
    if (options.body !== undefined) headers['Content-Type'] = 'application/json';
    if (options.ifVersion !== undefined) headers['If-Match'] = `"${options.ifVersion}"`;
    if (options.idempotencyKey !== undefined) headers['Idempotency-Key'] = options.idempotencyKey;
    const signal = eitherOf(this.#options.timeoutSignal(), options.signal);
    try {
      return await this.#options.fetch(this.#options.baseUrl + path + queryString(options.query), {
        method,
        headers,
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
        signal,
      });
    } catch {
      throw new Unavailable('The server can’t be reached.');
    }
  }
}

/** Browsers before 2024 can't combine them: there a request nobody wants any more goes on until its time is up. */
function eitherOf(timeout: AbortSignal, unwanted?: AbortSignal): AbortSignal {
  if (unwanted === undefined || !('any' in AbortSignal)) return timeout;
  return AbortSignal.any([timeout, unwanted]);
}

function queryString(query: Query = {}): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))}`;
}

async function envelope(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    // A body that is cut off is a lost answer; one that is not JSON is somebody else's (a proxy's page).
    if (error instanceof SyntaxError) return null;
    throw new Unavailable('The answer was lost.');
  }
}

function positionOf(response: Response): Position | null {
  const id = Number(response.headers.get('Last-Event-Id') ?? NaN);
  const epoch = response.headers.get('Event-Epoch');
  return Number.isInteger(id) && epoch !== null ? { epoch, lastEventId: id } : null;
}

/** Only what comes in the envelope was said by the server itself; anything else is the word of something in between. */
function failure(response: Response, body: unknown): ApiError | Unavailable {
  const error = isRecord(body) && isRecord(body.error) ? body.error : null;
  const message = typeof error?.message === 'string' ? error.message : 'The server gave no usable answer.';
  const retryAfterSeconds = Number(response.headers.get('Retry-After') ?? 0);
  const retryAfterMs = (retryAfterSeconds || 0) * 1000;
  if (error === null) return new Unavailable(message, retryAfterMs, refusalBetween(response));
  if (TEMPORARY.has(response.status)) return new Unavailable(message, retryAfterMs);
  return new ApiError({
    status: response.status,
    code: typeof error.code === 'string' ? error.code : 'UNKNOWN',
    message,
    fields: (error.errors ?? {}) as FieldErrors,
    current: error.current,
  });
}

function refusalBetween({ status }: Response): ApiError | null {
  if (status < 400 || status >= 500 || PASSING.has(status)) return null;
  const message = `Something between here and the server refuses it (${status}).`;
  return new ApiError({ status, code: 'REFUSED_BETWEEN', message, fields: {}, current: undefined });
}
