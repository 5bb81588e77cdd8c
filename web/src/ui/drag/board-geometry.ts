/** Reads the board off the page: its columns, their cards, and where between them a point falls. */

import { BACKLOG } from '../../realtime/event-types';

export interface Spot {
  /** A day, or null for the backlog. */
  readonly place: string | null;
  /** Among the cards of the place that can be dragged, without the dragged one itself. */
  readonly index: number;
}

export const CARD = '[data-task-id]';
export const MOVABLE_CARD = `${CARD}:not([data-fixed])`;
const COLUMN = '[data-place]';
const LIST = '[data-drop-list]';

/** The columns that take a drop, in the order of the page. */
export function columnsOf(board: HTMLElement): HTMLElement[] {
  return [...board.querySelectorAll<HTMLElement>(COLUMN)];
}

export function columnFor(board: HTMLElement, place: string | null): HTMLElement | undefined {
  return columnsOf(board).find((column) => placeOf(column) === place);
}

export function placeOf(column: HTMLElement): string | null {
  const name = column.dataset.place ?? BACKLOG;
  return name === BACKLOG ? null : name;
}

export function listOf(column: HTMLElement): HTMLElement {
  return column.querySelector<HTMLElement>(LIST) ?? column;
}

export function cardsOf(column: HTMLElement, exceptId: string): HTMLElement[] {
  return [...listOf(column).querySelectorAll<HTMLElement>(MOVABLE_CARD)].filter((card) => card.dataset.taskId !== exceptId);
}

export function spotAt(x: number, y: number, draggedId: string): { column: HTMLElement; spot: Spot } | null {
  const column = document.elementFromPoint(x, y)?.closest<HTMLElement>(COLUMN);
  if (!column) return null;
  const index = indexAt(cardsOf(column, draggedId), y);
  return { column, spot: { place: placeOf(column), index } };
}

/** The viewport's y of the gap before the card at `index`. */
export function gapAt(column: HTMLElement, draggedId: string, index: number): number {
  const cards = cardsOf(column, draggedId);
  const after = cards[index];
  if (after) return after.getBoundingClientRect().top - 4;
  const last = cards.at(-1);
  return last ? last.getBoundingClientRect().bottom + 3 : listOf(column).getBoundingClientRect().top + 4;
}

/** Cards stand in order of height, so the place is found by halving: nine readings for five hundred cards. */
function indexAt(cards: readonly HTMLElement[], y: number): number {
  let [low, high] = [0, cards.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const box = cards[middle]?.getBoundingClientRect();
    if (box && y > box.top + box.height / 2) low = middle + 1;
    else high = middle;
  }
  return low;
}
