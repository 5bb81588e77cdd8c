/** The lists that tasks are fetched and shown in, and which task belongs where. */

import type { QueryKey } from '@tanstack/react-query';

import type { Task } from '../api/models';

export type Bucket =
  | { readonly kind: 'day'; readonly date: string }
  | { readonly kind: 'backlog' }
  /** Not done, and planned for a day before this one. */
  | { readonly kind: 'earlier'; readonly before: string }
  | { readonly kind: 'search'; readonly text: string };

export const keys = {
  me: ['me'] as const,
  tasks: ['tasks'] as const,
  task: (id: string) => ['task', id] as const,
  blocks: ['blocks'] as const,
  blockDay: (date: string) => ['blocks', date] as const,
  apiKeys: ['api-keys'] as const,
  sessions: ['sessions'] as const,
};

export function bucketKey(bucket: Bucket): QueryKey {
  switch (bucket.kind) {
    case 'day':
      return ['tasks', 'day', bucket.date];
    case 'backlog':
      return ['tasks', 'backlog'];
    case 'earlier':
      return ['tasks', 'earlier', bucket.before];
    case 'search':
      return ['tasks', 'search', bucket.text];
  }
}

export function placeKey(date: string | null): QueryKey {
  return bucketKey(date === null ? { kind: 'backlog' } : { kind: 'day', date });
}

export function bucketOf(key: QueryKey): Bucket | null {
  const [scope, kind, detail] = key;
  if (scope !== 'tasks') return null;
  if (kind === 'backlog') return { kind };
  if (typeof detail !== 'string') return null;
  if (kind === 'day') return { kind, date: detail };
  if (kind === 'earlier') return { kind, before: detail };
  return kind === 'search' ? { kind, text: detail } : null;
}

/** Null where only the server can say: what a search finds. */
export function belongs(task: Task, bucket: Bucket): boolean | null {
  switch (bucket.kind) {
    case 'day':
      return task.scheduledDate === bucket.date;
    case 'backlog':
      return task.scheduledDate === null && task.completedAt === null;
    case 'earlier':
      return task.scheduledDate !== null && task.scheduledDate < bucket.before && task.completedAt === null;
    case 'search':
      return null;
  }
}

/** The server's own order: by day with the backlog last, then position, newest first, id. */
export function compareTasks(a: Task, b: Task): number {
  return (
    compare(a.scheduledDate ?? '9999', b.scheduledDate ?? '9999') ||
    a.position - b.position ||
    compare(b.createdAt, a.createdAt) ||
    compare(a.id, b.id)
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
