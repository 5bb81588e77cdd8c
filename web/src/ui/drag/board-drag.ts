/** Drag and drop on the board, by pointer and by keyboard: one spot, one line that shows it, one drop. */

import { hasModifier } from '../parts/keys';
import { PointerDrag } from './pointer-drag';
import { CARD, MOVABLE_CARD, cardsOf, columnFor, columnsOf, gapAt, listOf, placeOf, spotAt } from './board-geometry';
import type { Spot } from './board-geometry';
import { DropLine } from './drop-line';

export interface BoardDragListener {
  dropped(taskId: string, spot: Spot): void;
  /** For those who hear the page. */
  said(words: string): void;
  nameOf(place: string | null): string;
}

interface Lifted {
  readonly taskId: string;
  readonly title: string;
  spot: Spot;
}

/** Presses on these mean something of their own. */
const CONTROLS = 'button, input, textarea, select, a, label';

export class BoardDrag {
  readonly #board: HTMLElement;
  readonly #listener: BoardDragListener;
  readonly #line = new DropLine();
  readonly #pointer: PointerDrag;
  #draggedId: string | null = null;
  #spot: Spot | null = null;
  #lifted: Lifted | null = null;

  constructor(board: HTMLElement, listener: BoardDragListener) {
    this.#board = board;
    this.#listener = listener;
    this.#pointer = new PointerDrag(board, {
      grab: (target) => (target.closest(CONTROLS) ? null : target.closest<HTMLElement>(MOVABLE_CARD)),
      started: (card) => {
        this.#cancelLift();
        this.#draggedId = card.dataset.taskId ?? null;
      },
      moved: ({ x, y }) => this.#over(x, y),
      dropped: () => {
        if (this.#draggedId !== null && this.#spot) this.#listener.dropped(this.#draggedId, this.#spot);
      },
      ended: () => {
        this.#draggedId = null;
        this.#spot = null;
        this.#line.hide();
      },
    });
  }

  attach(): () => void {
    const detach = this.#pointer.attach();
    const keyed = (event: KeyboardEvent) => this.#keyed(event);
    const left = () => this.#cancelLift();
    this.#board.addEventListener('keydown', keyed);
    this.#board.addEventListener('focusout', left);
    return () => {
      detach();
      this.#line.remove();
      this.#board.removeEventListener('keydown', keyed);
      this.#board.removeEventListener('focusout', left);
    };
  }

  #over(x: number, y: number): void {
    const found = spotAt(x, y, this.#draggedId ?? '');
    this.#spot = found?.spot ?? null;
    if (!found) return this.#line.hide();
    this.#line.show(listOf(found.column), gapAt(found.column, this.#draggedId ?? '', found.spot.index));
  }

  #keyed(event: KeyboardEvent): void {
    const card = event.target instanceof HTMLElement && event.target.matches(CARD) ? event.target : null;
    if (!card || hasModifier(event)) return;
    if (this.#lifted) this.#steer(event);
    else if (event.key === ' ' && card.dataset.fixed === undefined) this.#lift(card, event);
  }

  #lift(card: HTMLElement, event: KeyboardEvent): void {
    event.preventDefault();
    const taskId = card.dataset.taskId ?? '';
    const column = card.closest<HTMLElement>('[data-place]');
    const title = card.dataset.title ?? '';
    // A card of an earlier day starts its way at the first column that takes it.
    const start = column ?? columnsOf(this.#board)[0];
    if (!start) return;
    const all = [...listOf(start).querySelectorAll<HTMLElement>(MOVABLE_CARD)];
    const index = column ? Math.max(0, all.indexOf(card)) : 0;
    this.#lifted = { taskId, title, spot: { place: placeOf(start), index } };
    card.dataset.lifted = '';
    this.#listener.said(`Lifted ${title}. Arrow keys move it, space drops it, escape leaves it where it was.`);
    this.#showLift();
  }

  #steer(event: KeyboardEvent): void {
    const lifted = this.#lifted;
    const steps: Record<string, () => void> = {
      ArrowUp: () => this.#shift(-1),
      ArrowDown: () => this.#shift(1),
      ArrowLeft: () => this.#switch(-1),
      ArrowRight: () => this.#switch(1),
      Escape: () => this.#cancelLift(),
      ' ': () => this.#drop(),
      Enter: () => this.#drop(),
    };
    const step = steps[event.key];
    if (!lifted || !step) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  }

  #shift(by: number): void {
    const lifted = this.#lifted;
    const column = lifted && columnFor(this.#board, lifted.spot.place);
    if (!lifted || !column) return;
    const last = cardsOf(column, lifted.taskId).length;
    lifted.spot = { ...lifted.spot, index: Math.min(last, Math.max(0, lifted.spot.index + by)) };
    this.#tellSpot();
  }

  #switch(by: number): void {
    const lifted = this.#lifted;
    if (!lifted) return;
    const columns = columnsOf(this.#board);
    const column = columns[columns.findIndex((one) => placeOf(one) === lifted.spot.place) + by];
    if (!column) return;
    const last = cardsOf(column, lifted.taskId).length;
    lifted.spot = { place: placeOf(column), index: Math.min(last, lifted.spot.index) };
    column.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#tellSpot();
  }

  #tellSpot(): void {
    const lifted = this.#lifted;
    if (!lifted) return;
    this.#listener.said(`${this.#listener.nameOf(lifted.spot.place)}, position ${lifted.spot.index + 1}.`);
    this.#showLift();
  }

  #showLift(): void {
    const lifted = this.#lifted;
    const column = lifted && columnFor(this.#board, lifted.spot.place);
    if (!lifted || !column) return;
    cardsOf(column, lifted.taskId)[lifted.spot.index]?.scrollIntoView({ block: 'nearest' });
    this.#line.show(listOf(column), gapAt(column, lifted.taskId, lifted.spot.index));
  }

  #drop(): void {
    const lifted = this.#lifted;
    if (!lifted) return;
    this.#endLift();
    this.#listener.dropped(lifted.taskId, lifted.spot);
    this.#listener.said(`Dropped ${lifted.title} on ${this.#listener.nameOf(lifted.spot.place)}.`);
    // The card is drawn anew in its new column: the focus follows it there.
    requestAnimationFrame(() => this.#cardWith(lifted.taskId)?.focus());
  }

  #cancelLift(): void {
    if (!this.#lifted) return;
    this.#listener.said(`${this.#lifted.title} stays where it was.`);
    this.#endLift();
  }

  #endLift(): void {
    const card = this.#lifted && this.#cardWith(this.#lifted.taskId);
    if (card) delete card.dataset.lifted;
    this.#lifted = null;
    this.#line.hide();
  }

  #cardWith(taskId: string): HTMLElement | null {
    return this.#board.querySelector<HTMLElement>(`[data-task-id="${CSS.escape(taskId)}"]`);
  }
}
