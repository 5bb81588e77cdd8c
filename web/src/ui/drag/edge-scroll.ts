/** Scrolls what is under the pointer when a drag comes near its edge. */

import type { Point } from './pointer-drag';

const EDGE_PX = 56;
const FASTEST_PX = 16;

export class EdgeScroll {
  readonly #root: HTMLElement;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** One frame's worth. */
  step({ x, y }: Point): void {
    const under = document.elementFromPoint(x, y);
    const list = under?.closest<HTMLElement>('[data-scroll="y"]');
    if (list) {
      const box = list.getBoundingClientRect();
      const speed = speedAt(y, box.top, box.bottom);
      if (speed !== 0) list.scrollTop += speed;
    }
    const row = this.#root.closest<HTMLElement>('[data-scroll="x"]') ?? this.#root.querySelector<HTMLElement>('[data-scroll="x"]');
    if (!row) return;
    const box = row.getBoundingClientRect();
    const speed = speedAt(x, box.left, box.right);
    if (speed !== 0) row.scrollLeft += speed;
  }
}

function speedAt(at: number, start: number, end: number): number {
  if (at < start + EDGE_PX) return -Math.min(FASTEST_PX, (start + EDGE_PX - at) / 3);
  if (at > end - EDGE_PX) return Math.min(FASTEST_PX, (at - end + EDGE_PX) / 3);
  return 0;
}
