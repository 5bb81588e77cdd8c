/** The live connection, for components: its state, and a way to hurry it. */

import { useCallback, useSyncExternalStore } from 'react';

import type { ConnectionState } from '../realtime/connection-state';
import { usePlanner } from './planner-context';

export interface LiveConnection {
  state: ConnectionState;
  retryNow: () => void;
}

export function useWebSocket(): LiveConnection {
  const { connection } = usePlanner();
  const subscribe = useCallback((changed: () => void) => connection.onState(changed), [connection]);
  const state = useSyncExternalStore(subscribe, () => connection.state);
  return { state, retryNow: () => connection.retryNow() };
}
