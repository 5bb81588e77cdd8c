/** Tasks as they are shown: what was fetched, with what this tab has written and is not answered yet. */

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { Task } from '../api/models';
import { bucketKey } from '../sync/buckets';
import type { Bucket } from '../sync/buckets';
import { taskWith, tasksWith } from '../sync/effects';
import { usePlanner } from './planner-context';
import { bucketQuery, taskQuery } from './queries';
import { useLoading } from './useLoading';
import { usePending } from './usePending';

/** `error`: nothing can be shown, and why. What is shown already stays while it can't be refreshed. */
export interface Listing<Row> {
  rows: Row[];
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
}

export function useBucket(bucket: Bucket, isEnabled = true): Listing<Task> {
  const planner = usePlanner();
  const { tasks: effects } = usePending();
  const loading = useLoading(useQuery({ ...bucketQuery(planner, bucket), enabled: isEnabled }));
  const { data } = loading;
  const identity = JSON.stringify(bucketKey(bucket));
  const rows = useMemo(
    () => tasksWith(effects, data ?? [], bucket),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a bucket is what its key says, not which object it is
    [effects, data, identity],
  );
  return { rows, ...loading };
}

export interface SingleTask {
  /** Null: deleted, or never there. */
  task: Task | null;
  /** As the server has it, without what is pending here. */
  saved: Task | null;
  isLoading: boolean;
  error: Error | null;
}

export function useTask(id: string): SingleTask {
  const planner = usePlanner();
  const { tasks: effects } = usePending();
  const { data, isLoading, error } = useLoading(useQuery(taskQuery(planner, id)));
  const saved = data ?? null;
  const task = useMemo(() => (saved ? taskWith(effects, saved) : null), [effects, saved]);
  return { task, saved, isLoading, error };
}
