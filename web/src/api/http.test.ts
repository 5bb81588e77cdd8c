import { beforeEach, describe, expect, it } from 'vitest';

import type { DataEvent } from '../realtime/frames';
import { Session } from '../realtime/session';
import { FakeStorage, fakeToken } from '../testing/fake-sources';
import { EchoLedger } from './echo';
import { ApiError, Unavailable } from './errors';
import { HttpClient } from './http';

const POSITION = { 'Last-Event-Id': '7', 'Event-Epoch': 'e1' };

describe('HttpClient', () => {
  let session: Session;
  let ledger: EchoLedger;
  let sent: { url: string; init: RequestInit }[];
  let answer: () => Promise<Response>;
  let http: HttpClient;

  const refusing = (status: number, error: object = {}, headers: HeadersInit = {}) => () =>
    Promise.resolve(Response.json({ success: false, error: { code: 'X', message: 'why', statusCode: status, ...error } }, { status, headers }));
  const header = (name: string) => new Headers(sent[0]?.init.headers).get(name);

  beforeEach(() => {
    session = new Session(new FakeStorage().tab());
    session.accept(fakeToken('u1', 0, 1_000));
    ledger = new EchoLedger();
    sent = [];
    answer = () => Promise.resolve(Response.json({ success: true, data: { id: 1 } }, { headers: POSITION }));
    http = new HttpClient({
      fetch: (url, init = {}) => {
        sent.push({ url: url as string, init });
        return answer();
      },
      baseUrl: 'http://planner.test',
      session,
      ledger,
      connectionId: () => 'c1',
      timeoutSignal: () => new AbortController().signal,
    });
  });

  it('reads the data and the place in the log', async () => {
    const read = await http.read('/tasks', { date: '2026-11-23', completed: undefined });
    expect(sent[0]?.url).toBe('http://planner.test/tasks?date=2026-11-23');
    expect(read).toEqual({ data: { id: 1 }, meta: null, position: { epoch: 'e1', lastEventId: 7 } });
  });

  it('reads also where signals can’t be combined', async () => {
    const any = Object.getOwnPropertyDescriptor(AbortSignal, 'any') as PropertyDescriptor;
    Reflect.deleteProperty(AbortSignal, 'any');
    const read = http.read('/tasks', {}, new AbortController().signal);
    Object.defineProperty(AbortSignal, 'any', any);
    await expect(read).resolves.toMatchObject({ data: { id: 1 } });
  });

  it('names itself, its version and its attempt on a write', async () => {
    await http.write('POST', '/tasks', { body: { title: 'x' }, ifVersion: 3, idempotencyKey: 'k' });
    expect(['X-Connection-Id', 'If-Match', 'Idempotency-Key', 'Content-Type'].map(header)).toEqual(['c1', '"3"', 'k', 'application/json']);
  });

  it('recognises its echo by origin and number together', async () => {
    await http.write('POST', '/tasks');
    const event: DataEvent = { type: 'user:updated', payload: { fields: [] }, timestamp: '', epoch: 'e1', origin: 'c1' };
    expect(ledger.isAnswered({ ...event, id: 7 })).toBe(true);
    expect(ledger.isAnswered({ ...event, id: 8 })).toBe(false);
    expect(ledger.isAnswered({ ...event, id: 7, origin: 'c2' })).toBe(false);
    expect(ledger.isAnswered({ ...event, id: 7, epoch: 'e2' })).toBe(false);
  });

  it('tells a refusal with its fields and the current row', async () => {
    answer = refusing(412, { errors: { title: ['too long'] }, current: { version: 4 } });
    const failure = await http.write('PATCH', '/tasks/1').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 412, message: 'why', fields: { title: ['too long'] }, current: { version: 4 } });
  });

  it.each([429, 502, 503, 504])('takes a %i for nobody there', async (status) => {
    answer = refusing(status, {}, { 'Retry-After': '3' });
    await expect(http.read('/tasks')).rejects.toMatchObject({ name: 'Unavailable', retryAfterMs: 3_000 });
  });

  it.each([
    ['no network', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['a page that is not of the API', () => Promise.resolve(new Response('<html>'))],
    ['a proxy’s time-out', () => Promise.resolve(new Response('<html>', { status: 408 }))],
    ['a proxy’s failure', () => Promise.resolve(new Response('<html>', { status: 500 }))],
    ['a proxy’s refusal', () => Promise.resolve(new Response('<html>', { status: 401 }))],
  ])('takes %s for nobody there', async (_, fault) => {
    answer = fault;
    await expect(http.write('POST', '/tasks')).rejects.toBeInstanceOf(Unavailable);
    expect(ledger.isWriting).toBe(false);
    expect(session.token).not.toBeNull();
  });

  it.each([
    [400, 400],
    [403, 403],
    [413, 413],
    [401, undefined],
    [407, undefined],
    [408, undefined],
    [429, undefined],
    [500, undefined],
  ])('tells what a proxy’s %i comes to if it stays', async (status, refused) => {
    answer = () => Promise.resolve(new Response('<html>', { status }));
    const failure = await http.write('POST', '/tasks').catch((error: unknown) => error);
    expect((failure as Unavailable).refusal?.status).toBe(refused);
  });

  it('takes a failure of the server itself for a refusal', async () => {
    answer = refusing(500);
    await expect(http.write('POST', '/tasks')).rejects.toMatchObject({ name: 'ApiError', status: 500 });
  });

  it('ends the session when its token is refused', async () => {
    answer = refusing(401);
    await expect(http.read('/auth/me')).rejects.toBeInstanceOf(Unavailable);
    expect(session.token).toBeNull();
  });

  it('keeps the session when another token came meanwhile', async () => {
    answer = () => {
      session.accept(fakeToken('u1', 1_000, 1_000));
      return refusing(401)();
    };
    await expect(http.read('/auth/me')).rejects.toBeInstanceOf(Unavailable);
    expect(session.token).not.toBeNull();
  });

  it('keeps an answer from whoever has signed in since', async () => {
    answer = () => {
      session.accept(fakeToken('u2', 1_000, 1_000));
      return Promise.resolve(Response.json({ success: true, data: { id: 1 } }));
    };
    await expect(http.read('/tasks')).rejects.toBeInstanceOf(Unavailable);
  });
});
