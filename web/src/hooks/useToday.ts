/** The current day and minute where the user is. */

import { useSyncExternalStore } from 'react';

import { usePlanner } from './planner-context';

/** Renders again at midnight. */
export function useToday(): string {
  const { today } = usePlanner();
  return useSyncExternalStore(today.subscribe, () => today.date);
}

/** Renders again every minute. */
export function useMinute(): number {
  const { today } = usePlanner();
  return useSyncExternalStore(today.subscribe, () => today.minute);
}
