/** Fetches the tasks of days: those asked for in the same turn travel in one request. */

import type { Query } from '../api/http';
import type { Task } from '../api/models';
import { daysBetween } from './dates';

/** Days further apart than this are not worth the rows in between. */
const WIDEST_GAP_DAYS = 7;

interface Waiting {
  date: string;
  signal: AbortSignal;
  resolve: (tasks: Task[]) => void;
  reject: (error: unknown) => void;
}

export class DayLoader {
  readonly #list: (query: Query, signal: AbortSignal) => Promise<Task[]>;
  #waiting: Waiting[] = [];

  constructor(list: (query: Query, signal: AbortSignal) => Promise<Task[]>) {
    this.#list = list;
  }

  load(date: string, signal: AbortSignal): Promise<Task[]> {
    if (this.#waiting.length === 0) queueMicrotask(() => this.#send());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ date, signal, resolve, reject });
    });
  }

  #send(): void {
    const waiting = this.#waiting.sort((a, b) => a.date.localeCompare(b.date));
    this.#waiting = [];
    for (const run of runs(waiting)) void this.#fetch(run);
  }

  async #fetch(run: readonly Waiting[]): Promise<void> {
    try {
      const tasks = await this.#list({ from: run[0]?.date, to: run.at(-1)?.date }, allOf(run.map(({ signal }) => signal)));
      for (const { date, resolve } of run) resolve(tasks.filter((task) => task.scheduledDate === date));
    } catch (error) {
      for (const { reject } of run) reject(error);
    }
  }
}

/** Ends once every one of them has: as long as one day is wanted, the request goes on. */
function allOf(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController();
  const ended = () => {
    if (signals.every((signal) => signal.aborted)) all.abort();
  };
  for (const signal of signals) signal.addEventListener('abort', ended, { once: true });
  return all.signal;
}

function runs(waiting: readonly Waiting[]): Waiting[][] {
  const found: Waiting[][] = [];
  for (const one of waiting) {
    const last = found.at(-1)?.at(-1);
    if (last && daysBetween(last.date, one.date) <= WIDEST_GAP_DAYS) found.at(-1)?.push(one);
    else found.push([one]);
  }
  return found;
}
