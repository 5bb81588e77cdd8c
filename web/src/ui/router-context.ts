/** Hands the router to the components. */

import { createContext, useContext, useSyncExternalStore } from 'react';

import type { Place, Router } from './router';

export const RouterContext = createContext<Router | null>(null);

export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (!router) throw new Error('There is no router around this component.');
  return router;
}

export function usePlace(): Place {
  const router = useRouter();
  return useSyncExternalStore(router.subscribe, () => router.place);
}
