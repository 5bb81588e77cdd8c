/** Time blocks over REST. */

import type { Answer, HttpClient } from './http';
import type { NewTimeBlock, TimeBlock, TimeBlockChanges } from './models';
import { readAllPages } from './pages';

export class TimeBlocksApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  listDay(date: string, signal: AbortSignal): Promise<TimeBlock[]> {
    return readAllPages(this.#http, '/time-blocks', { date }, signal);
  }

  create(block: NewTimeBlock, idempotencyKey: string): Promise<Answer<TimeBlock>> {
    return this.#http.write('POST', '/time-blocks', { body: block, idempotencyKey });
  }

  quickSchedule(
    slot: { taskId: string; date: string; startTime: string; durationMins: number },
    idempotencyKey: string,
  ): Promise<Answer<TimeBlock>> {
    return this.#http.write('POST', '/time-blocks/quick-schedule', { body: slot, idempotencyKey });
  }

  /** The server looks for the first gap of the task's day. */
  autoSchedule(taskId: string, currentTime: string, idempotencyKey: string): Promise<Answer<TimeBlock>> {
    return this.#http.write('POST', '/time-blocks/auto-schedule', {
      body: { taskId, currentTime },
      idempotencyKey,
    });
  }

  change(id: string, changes: TimeBlockChanges): Promise<Answer<TimeBlock>> {
    return this.#http.write('PATCH', `/time-blocks/${id}`, { body: changes });
  }

  /** Later blocks of the day make way; answers every block that changed. */
  cascadeResize(id: string, startTime: string, endTime: string): Promise<Answer<TimeBlock[]>> {
    return this.#http.write('PATCH', `/time-blocks/${id}/cascade-resize`, { body: { startTime, endTime } });
  }

  remove(id: string): Promise<Answer<undefined>> {
    return this.#http.write('DELETE', `/time-blocks/${id}`);
  }

  restore(id: string): Promise<Answer<TimeBlock>> {
    return this.#http.write('POST', `/time-blocks/${id}/restore`);
  }
}
