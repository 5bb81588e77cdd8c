/** What was fetched and changes without a fetch, and the fetches under way that may be older than such a change. */

import type { Query, QueryClient, QueryFilters, QueryKey } from '@tanstack/react-query';

/**
 * Fetches anew what is shown, and marks the rest for when it is. An answer that is on its way may have been read before
 * the change, and TanStack Query would take it for fresh: it is not waited for.
 */
export function refresh(client: QueryClient, filters: QueryFilters = {}): Promise<void> {
  void client.cancelQueries(filters, { silent: true });
  return client.invalidateQueries(filters);
}

/** What queries hold, changed: undefined where the change does not concern them. */
type Change<Data> = (held: Data, key: QueryKey) => Data | undefined;

/**
 * Changes what these queries hold. Those that are concerned and being fetched are fetched again, and so are those that
 * hold nothing yet.
 */
export function changeHeld<Data>(client: QueryClient, filters: QueryFilters, change: Change<Data>): void {
  for (const query of client.getQueryCache().findAll(filters)) {
    const isConcerned = changeOne(client, query, change) || query.state.data === undefined;
    if (isConcerned && query.state.fetchStatus !== 'idle') void refresh(client, { queryKey: query.queryKey, exact: true });
  }
}

/** The same for a change that no answer on its way can undo. */
export function changeHeldOnly<Data>(client: QueryClient, filters: QueryFilters, change: Change<Data>): void {
  for (const query of client.getQueryCache().findAll(filters)) changeOne(client, query, change);
}

/** Whether the query is concerned. */
function changeOne<Data>(client: QueryClient, query: Query, change: Change<Data>): boolean {
  const held = query.state.data as Data | undefined;
  const next = held === undefined ? undefined : change(held, query.queryKey);
  if (next === undefined) return false;
  // Setting data would declare a query fresh that an event has made stale meanwhile.
  const isStale = query.state.isInvalidated;
  if (next !== held) client.setQueryData(query.queryKey, next);
  if (isStale) query.invalidate();
  return true;
}
