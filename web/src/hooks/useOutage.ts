/** Whether the server leaves reads unanswered: then what is shown may be out of date. */

import { useSyncExternalStore } from 'react';

import type { Unavailable } from '../api/errors';
import { usePlanner } from './planner-context';

/** Null: no, every read is answered. */
export function useOutage(): Unavailable | null {
  const { patience } = usePlanner();
  return useSyncExternalStore(patience.subscribe, () => patience.failure);
}
