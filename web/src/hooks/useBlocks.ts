/** The time blocks of a day as they are shown. */

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { TimeBlock } from '../api/models';
import { blocksWith } from '../sync/effects';
import { usePlanner } from './planner-context';
import { blocksQuery } from './queries';
import { useLoading } from './useLoading';
import { usePending } from './usePending';
import type { Listing } from './useTasks';

export function useBlocks(date: string): Listing<TimeBlock> {
  const planner = usePlanner();
  const { blocks: effects } = usePending();
  const loading = useLoading(useQuery(blocksQuery(planner, date)));
  const { data } = loading;
  const rows = useMemo(() => blocksWith(effects, data ?? [], date), [effects, data, date]);
  return { rows, ...loading };
}
