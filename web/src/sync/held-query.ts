/** What was fetched and changes without a fetch, and the fetches under way that may be older than such a change. */

import type { QueryClient, QueryFilters, QueryKey } from '@tanstack/react-query';

/**
 * Fetches anew what is shown, and marks the rest for when it is. An answer that is on its way may have been read before
 * the change, and TanStack Query would take it for fresh: it is not waited for.
 */
export function refresh(client: QueryClient, filters: QueryFilters = {}): Promise<void> {
  void client.cancelQueries(filters, { silent: true });
  return client.invalidateQueries(filters);
}

/**
 * Changes what these queries hold; where `change` answers undefined, they are not concerned. Those that are concerned and
 * being fetched are fetched again, and so are those that hold nothing yet.
 */
export function changeHeld<Data>(
  client: QueryClient,
  filters: QueryFilters,
  change: (held: Data, key: QueryKey) => Data | undefined,
): void {
  for (const query of client.getQueryCache().findAll(filters)) {
    const { queryKey } = query;
    const held = query.state.data as Data | undefined;
    const next = held === undefined ? undefined : change(held, queryKey);
    if (held !== undefined && next === undefined) continue;
    // Setting data would declare a query fresh that an event has made stale meanwhile.
    const isStale = query.state.isInvalidated;
    if (next !== undefined && next !== held) client.setQueryData(queryKey, next);
    if (isStale) query.invalidate();
    if (query.state.fetchStatus !== 'idle') void refresh(client, { queryKey, exact: true });
  }
}
