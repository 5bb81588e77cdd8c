/**
 * A small server of one user in memory, speaking the contract as far as the app's tests need it: tasks, subtasks,
 * time blocks, the profile, the event log and its sockets. `requests` tells what was asked; `mishaps` says what
 * happens to the next requests: `unreached` never gets to the server, `lost` is done but its answer does not arrive,
 * `limited` is refused for being one too many, `failed` gets a proxy's error page.
 * An agent's change is a call of `as(AGENT).write(…)`.
 */

import type { Task, TimeBlock, User } from '../api/models';
import type { Actor } from '../realtime/event-types';
import { compareTasks } from '../sync/buckets';
import { FakeBlocks } from './fake-blocks';
import { EPOCH, FakeLog } from './fake-log';
import { fakeUser } from './fake-rows';
import { FakeTasks, bare, isWithSubtasks } from './fake-tasks';

export const AGENT: Actor = { kind: 'key', id: 'k1', name: 'Claude' };
export const OTHER_TAB: Actor = { kind: 'session', id: 's2', name: 'Firefox' };
export const RETRY_AFTER_SECONDS = 7;
const THIS_TAB: Actor = { kind: 'session', id: 's1', name: 'Chrome' };

export type Mishap = 'unreached' | 'lost' | 'limited' | 'failed';

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  ifVersion: number | null;
  actor: Actor;
  origin: string | null;
}

/** What a part of the server makes of a request; null when it is not its affair. */
export type Outcome = { status?: number; data?: unknown; current?: unknown } | null;

export class FakeServer {
  readonly log = new FakeLog();
  readonly requests: string[] = [];
  readonly mishaps: Mishap[] = [];
  #gate: Promise<void> | null = null;
  user: User = fakeUser();
  readonly #tasks = new FakeTasks(this.log);
  readonly #blocks = new FakeBlocks(this.log, this.#tasks);

  get tasks(): Task[] {
    return this.#tasks.all;
  }

  get blocks(): TimeBlock[] {
    return this.#blocks.all;
  }

  seed(tasks: Task[], blocks: TimeBlock[] = []): void {
    for (const task of tasks) this.#tasks.rows.set(task.id, task);
    for (const block of blocks) this.#blocks.rows.set(block.id, block);
  }

  /** From here on requests are done, but their answers wait until the returned function is called. */
  hold(): () => void {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  /** Later requests are answered at once; those held back go on waiting. */
  letThrough(): void {
    this.#gate = null;
  }

  /** A change that somebody else makes. */
  as(actor: Actor): { write: (method: string, path: string, body?: object) => Outcome } {
    return {
      write: (method, path, body = {}) =>
        this.#answer({ method, path, query: new URLSearchParams(), body: { ...body }, ifVersion: null, actor, origin: null }),
    };
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = readRequest(new URL(urlOf(input)), init);
    this.requests.push(`${request.method} ${request.path}${request.query.size > 0 ? `?${request.query}` : ''}`);
    const mishap = this.mishaps.shift();
    if (mishap === 'unreached') throw new TypeError('Failed to fetch');
    if (mishap === 'limited') return respond({ status: 429 }, 0, { 'Retry-After': String(RETRY_AFTER_SECONDS) });
    if (mishap === 'failed') return new Response('<html>', { status: 520 });
    const readAt = this.log.head;
    const outcome = this.#answer(request) ?? { status: 404 };
    const writtenAt = this.log.head;
    await this.#gate;
    if (mishap === 'lost') throw new TypeError('Failed to fetch');
    return respond(outcome, request.method === 'GET' ? readAt : writtenAt);
  };

  #answer(request: FakeRequest): Outcome {
    const list = request.method === 'GET' && request.path === '/tasks';
    const found = list ? this.tasks.filter((task) => isAsked(task, request.query)).sort(compareTasks) : [];
    if (list) return { data: isWithSubtasks(request) ? found : bare(found) };
    return this.#tasks.answer(request) ?? this.#blocks.answer(request) ?? this.#account(request);
  }

  #account({ method, path, body, actor, origin }: FakeRequest): Outcome {
    if (path !== '/auth/me') return path === '/auth/logout' ? {} : null;
    if (method === 'PATCH') {
      this.user = { ...this.user, ...body };
      this.log.append('user:updated', { fields: Object.keys(body) }, actor, origin);
    }
    return { data: this.user };
  }
}

function isAsked(task: Task, query: URLSearchParams): boolean {
  const date = query.get('date') ?? undefined;
  const [from, to] = [query.get('from') ?? date, query.get('to') ?? date];
  const search = query.get('search')?.toLowerCase();
  if (query.get('backlog') === 'true' && task.scheduledDate !== null) return false;
  if (query.has('completed') && (query.get('completed') === 'true') !== (task.completedAt !== null)) return false;
  if (search !== undefined && !`${task.title} ${task.notes ?? ''}`.toLowerCase().includes(search)) return false;
  if (from === undefined && to === undefined) return true;
  const day = task.scheduledDate;
  return day !== null && day >= (from ?? '') && day <= (to ?? '9999');
}

function readRequest(url: URL, init: RequestInit = {}): FakeRequest {
  const headers = new Headers(init.headers);
  const version = headers.get('If-Match')?.replaceAll('"', '');
  return {
    method: init.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    body: typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {},
    ifVersion: version === undefined ? null : Number(version),
    actor: THIS_TAB,
    origin: headers.get('X-Connection-Id'),
  };
}

function urlOf(input: RequestInfo | URL): string {
  return input instanceof Request ? input.url : String(input);
}

function respond(outcome: NonNullable<Outcome>, eventId: number, headers: HeadersInit = {}): Response {
  const status = outcome.status ?? 200;
  const position = { 'Last-Event-Id': String(eventId), 'Event-Epoch': EPOCH };
  if (status < 300) return Response.json({ success: true, data: outcome.data }, { status, headers: position });
  const error = { code: `E${status}`, message: `Refused with ${status}`, statusCode: status, current: outcome.current };
  return Response.json({ success: false, error }, { status, headers });
}
