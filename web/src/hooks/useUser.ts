/** Who is signed in. */

import { useQuery } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';

import type { User } from '../api/models';
import { usePlanner } from './planner-context';
import { userQuery } from './queries';

/** Null: nobody. */
export function useSignedInId(): string | null {
  const { session } = usePlanner();
  const subscribe = useCallback((changed: () => void) => session.subscribe(changed), [session]);
  return useSyncExternalStore(subscribe, () => session.userId);
}

/** Inside the signed-in part of the app, where it is loaded. */
export function useUser(): User {
  const { data } = useQuery(userQuery(usePlanner()));
  if (!data) throw new Error('The user is not loaded yet.');
  return data;
}
