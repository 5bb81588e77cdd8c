/** What each query fetches: the options that components and tests share. */

import { queryOptions } from '@tanstack/react-query';

import { ApiError } from '../api/errors';
import type { Task } from '../api/models';
import type { Planner } from '../planner';
import { bucketKey, keys } from '../sync/buckets';
import type { Bucket } from '../sync/buckets';
import { addDays } from '../sync/dates';

export const SEARCH_LIMIT = 60;

export const userQuery = (planner: Planner) =>
  queryOptions({
    queryKey: keys.me,
    queryFn: ({ signal }) => planner.patience.read(signal, () => planner.loadUser()),
  });

export const bucketQuery = (planner: Planner, bucket: Bucket) =>
  queryOptions({
    queryKey: bucketKey(bucket),
    queryFn: async ({ signal }) => {
      const fetched = await planner.patience.read(signal, () => fetchBucket(planner, bucket, signal));
      const tasks = planner.taskStore.alive(fetched);
      planner.taskStore.share(tasks);
      return tasks;
    },
  });

/** Null: there is no such task, or no longer. */
export const taskQuery = (planner: Planner, id: string) =>
  queryOptions<Task | null>({
    queryKey: keys.task(id),
    queryFn: ({ signal }) => planner.patience.read(signal, () => nullIfGone(planner.api.tasks.get(id, signal))),
    initialData: () => planner.taskStore.findFresh(id) ?? undefined,
    placeholderData: () => planner.taskStore.find(id) ?? undefined,
  });

export const blocksQuery = (planner: Planner, date: string) =>
  queryOptions({
    queryKey: keys.blockDay(date),
    queryFn: async ({ signal }) => {
      const blocks = await planner.patience.read(signal, () => planner.api.timeBlocks.listDay(date, signal));
      return planner.blockStore.alive(blocks);
    },
  });

export const apiKeysQuery = (planner: Planner) =>
  queryOptions({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => planner.patience.read(signal, () => planner.api.apiKeys.list()),
    staleTime: 0,
  });

export const sessionsQuery = (planner: Planner) =>
  queryOptions({
    queryKey: keys.sessions,
    queryFn: ({ signal }) => planner.patience.read(signal, () => planner.api.account.sessions()),
    staleTime: 0,
  });

async function nullIfGone<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function fetchBucket(planner: Planner, bucket: Bucket, signal: AbortSignal): Promise<Task[]> {
  switch (bucket.kind) {
    case 'day':
      return planner.days.load(bucket.date, signal);
    case 'backlog':
      return planner.api.tasks.list({ backlog: true, completed: false }, signal);
    case 'earlier':
      return planner.api.tasks.list({ to: addDays(bucket.before, -1), completed: false }, signal);
    case 'search':
      return planner.api.tasks.search(bucket.text, SEARCH_LIMIT, signal);
  }
}
