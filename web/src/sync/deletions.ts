/** Rows that were deleted: an answer from before that does not bring them back. */

/** More than can be deleted while an answer is on its way. */
const REMEMBERED = 500;

export class Deletions {
  readonly #versions = new Map<string, number>();

  /** `version` is the one that the deletion made. */
  add(id: string, version: number): void {
    this.#versions.set(id, version);
    const [oldest] = this.#versions.keys();
    if (this.#versions.size > REMEMBERED && oldest !== undefined) this.#versions.delete(oldest);
  }

  /** A row that was restored has a later version than its deletion. */
  isFromBefore(row: { id: string; version: number }): boolean {
    return (this.#versions.get(row.id) ?? 0) > row.version;
  }
}
