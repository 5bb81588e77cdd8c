/** What others just did, for the rows that show it. */

import { useSyncExternalStore } from 'react';

import type { Mark } from '../sync/activity';
import type { Notice } from '../sync/notices';
import { usePlanner } from './planner-context';

export function useMark(id: string): Mark | undefined {
  const { activity } = usePlanner();
  return useSyncExternalStore(activity.subscribe, () => activity.markOf(id));
}

export function useSpree() {
  const { activity } = usePlanner();
  return useSyncExternalStore(activity.subscribe, () => activity.listed);
}

export function useNotices(): readonly Notice[] {
  const { notices } = usePlanner();
  return useSyncExternalStore(notices.subscribe, () => notices.shown);
}
