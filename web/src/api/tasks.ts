/** Tasks and their subtasks over REST. */

import type { Answer, HttpClient, Query } from './http';
import type { NewTask, Subtask, SubtaskChanges, Task, TaskChanges } from './models';
import { readAllPages } from './pages';

export class TasksApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** Every matching task, with its subtasks, over as many pages as it takes. */
  async list(query: Query, signal: AbortSignal): Promise<Task[]> {
    return readAllPages<Task>(this.#http, '/tasks', { ...query, includeSubtasks: true }, signal);
  }

  async search(text: string, limit: number, signal: AbortSignal): Promise<Task[]> {
    return (await this.#http.read<Task[]>('/tasks', { search: text, limit, includeSubtasks: true }, signal)).data;
  }

  async get(id: string, signal: AbortSignal): Promise<Task> {
    return (await this.#http.read<Task>(`/tasks/${id}`, { includeSubtasks: true }, signal)).data;
  }

  create(task: NewTask, idempotencyKey: string): Promise<Answer<Task>> {
    return this.#http.write('POST', '/tasks', { body: task, idempotencyKey });
  }

  change(id: string, changes: TaskChanges, ifVersion?: number): Promise<Answer<Task>> {
    return this.#http.write('PATCH', `/tasks/${id}`, { body: changes, ifVersion });
  }

  complete(id: string): Promise<Answer<Task>> {
    return this.#http.write('POST', `/tasks/${id}/complete`);
  }

  uncomplete(id: string): Promise<Answer<Task>> {
    return this.#http.write('POST', `/tasks/${id}/uncomplete`);
  }

  remove(id: string): Promise<Answer<undefined>> {
    return this.#http.write('DELETE', `/tasks/${id}`);
  }

  restore(id: string): Promise<Answer<Task>> {
    return this.#http.write('POST', `/tasks/${id}/restore`);
  }

  /** These come first in this order, wherever they were before; answers the whole bucket. */
  reorder(date: string, taskIds: string[]): Promise<Answer<Task[]>> {
    return this.#http.write('POST', '/tasks/reorder', { body: { date, taskIds } });
  }

  addSubtask(taskId: string, title: string, idempotencyKey: string): Promise<Answer<Subtask>> {
    return this.#http.write('POST', `/tasks/${taskId}/subtasks`, { body: { title }, idempotencyKey });
  }

  changeSubtask(taskId: string, id: string, changes: SubtaskChanges): Promise<Answer<Subtask>> {
    return this.#http.write('PATCH', `/tasks/${taskId}/subtasks/${id}`, { body: changes });
  }

  removeSubtask(taskId: string, id: string): Promise<Answer<undefined>> {
    return this.#http.write('DELETE', `/tasks/${taskId}/subtasks/${id}`);
  }

  reorderSubtasks(taskId: string, subtaskIds: string[]): Promise<Answer<Subtask[]>> {
    return this.#http.write('POST', `/tasks/${taskId}/subtasks/reorder`, { body: { subtaskIds } });
  }
}
