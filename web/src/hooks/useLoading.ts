/** How far a query is, for components that show its rows. */

import type { UseQueryResult } from '@tanstack/react-query';

import { useOutage } from './useOutage';
import { usePlanner } from './planner-context';

export interface Loading<Data> {
  data: Data | undefined;
  isLoading: boolean;
  /** Why there is nothing to show: it was refused, or nobody answers so far. */
  error: Error | null;
  retry: () => void;
}

export function useLoading<Data>({ data, error, isLoading, refetch }: UseQueryResult<Data>): Loading<Data> {
  const { patience } = usePlanner();
  const outage = useOutage();
  const failure = data === undefined ? (error ?? (isLoading ? outage : null)) : null;
  const retry = () => {
    patience.retryNow();
    void refetch();
  };
  return { data, isLoading: isLoading && failure === null, error: failure, retry };
}
