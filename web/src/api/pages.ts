/** Reads a paged list to its end. */

import type { HttpClient, Query } from './http';

/** The most that the server gives at once. */
const PAGE_SIZE = 500;
/** More than anybody plans; a bound all the same. */
const MOST_PAGES = 20;

export async function readAllPages<T>(http: HttpClient, path: string, query: Query, signal?: AbortSignal): Promise<T[]> {
  const rows: T[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { data, meta } = await http.read<T[]>(path, { ...query, limit: PAGE_SIZE, page }, signal);
    rows.push(...data);
    if (page >= (meta?.totalPages ?? 1)) break;
  }
  return rows;
}
