/** What each query fetches: the options that components and tests share. */

import { queryOptions } from '@tanstack/react-query';

import type { Task } from '../api/models';
import type { Planner } from '../planner';
import { bucketKey, keys } from '../sync/buckets';
import type { Bucket } from '../sync/buckets';
import { addDays } from '../sync/dates';

export const SEARCH_LIMIT = 60;

export const userQuery = (planner: Planner) => queryOptions({ queryKey: keys.me, queryFn: () => planner.loadUser() });

export const bucketQuery = (planner: Planner, bucket: Bucket) =>
  queryOptions({
    queryKey: bucketKey(bucket),
    queryFn: async () => {
      const tasks = await fetchBucket(planner, bucket);
      planner.taskStore.share(tasks);
      return tasks;
    },
  });

/** Null: there is no such task, or no longer. */
export const taskQuery = (planner: Planner, id: string) =>
  queryOptions<Task | null>({
    queryKey: keys.task(id),
    queryFn: () => planner.api.tasks.get(id),
    initialData: () => planner.taskStore.find(id) ?? undefined,
  });

export const blocksQuery = (planner: Planner, date: string) =>
  queryOptions({ queryKey: keys.blockDay(date), queryFn: () => planner.api.timeBlocks.listDay(date) });

export const apiKeysQuery = (planner: Planner) =>
  queryOptions({ queryKey: keys.apiKeys, queryFn: () => planner.api.apiKeys.list(), staleTime: 0 });

export const sessionsQuery = (planner: Planner) =>
  queryOptions({ queryKey: keys.sessions, queryFn: () => planner.api.account.sessions(), staleTime: 0 });

function fetchBucket(planner: Planner, bucket: Bucket): Promise<Task[]> {
  switch (bucket.kind) {
    case 'day':
      return planner.days.load(bucket.date);
    case 'backlog':
      return planner.api.tasks.list({ backlog: true, completed: false });
    case 'earlier':
      return planner.api.tasks.list({ to: addDays(bucket.before, -1), completed: false });
    case 'search':
      return planner.api.tasks.search(bucket.text, SEARCH_LIMIT);
  }
}
