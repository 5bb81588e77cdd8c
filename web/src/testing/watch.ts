/** Keeps a query active, as a component on the screen would. */

import { QueryObserver } from '@tanstack/react-query';

import type { Task, TimeBlock } from '../api/models';
import { blocksQuery, bucketQuery, taskQuery, userQuery } from '../hooks/queries';
import type { Planner } from '../planner';
import type { Bucket } from '../sync/buckets';
import { blocksWith, tasksWith } from '../sync/effects';

/** The bucket as a person sees it now. */
export function watchBucket(planner: Planner, bucket: Bucket): () => Task[] {
  const observer = new QueryObserver(planner.client, bucketQuery(planner, bucket));
  observer.subscribe(() => undefined);
  return () => tasksWith(planner.outbox.pending.tasks, observer.getCurrentResult().data ?? [], bucket);
}

export function watchBlocks(planner: Planner, date: string): () => TimeBlock[] {
  const observer = new QueryObserver(planner.client, blocksQuery(planner, date));
  observer.subscribe(() => undefined);
  return () => blocksWith(planner.outbox.pending.blocks, observer.getCurrentResult().data ?? [], date);
}

export function watchTask(planner: Planner, id: string): () => Task | null | undefined {
  const observer = new QueryObserver(planner.client, taskQuery(planner, id));
  observer.subscribe(() => undefined);
  return () => observer.getCurrentResult().data;
}

export function watchUser(planner: Planner): void {
  new QueryObserver(planner.client, userQuery(planner)).subscribe(() => undefined);
}
