/** The time blocks of a day as they are shown. */

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { TimeBlock } from '../api/models';
import { blocksWith } from '../sync/effects';
import { usePlanner } from './planner-context';
import { blocksQuery } from './queries';
import { usePending } from './usePending';
import type { Listing } from './useTasks';

export function useBlocks(date: string): Listing<TimeBlock> {
  const planner = usePlanner();
  const { blocks: effects } = usePending();
  const { data, isPending, error, refetch } = useQuery(blocksQuery(planner, date));
  const rows = useMemo(() => blocksWith(effects, data ?? [], date), [effects, data, date]);
  return { rows, isLoading: isPending, error: data ? null : error, retry: () => void refetch() };
}
