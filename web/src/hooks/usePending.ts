/** What this tab has written and is not answered yet. */

import { useEffect, useSyncExternalStore } from 'react';

import type { Pending } from '../sync/outbox';
import { usePlanner } from './planner-context';

export function usePending(): Pending {
  const { outbox } = usePlanner();
  return useSyncExternalStore(outbox.subscribe, () => outbox.pending);
}

export function useIsUnsaved(id: string): boolean {
  const { outbox } = usePlanner();
  return useSyncExternalStore(outbox.subscribe, () => outbox.pending.unsavedIds.has(id));
}

/** Asks before the page is closed while something would be lost. */
export function useLeaveWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isNeeded]);
}
