/** Dragging on the timeline: tasks in from the tray, blocks to another time, a block's end to another length. */

import type { Slot } from '../../sync/cascade';
import { minutesOf } from '../../sync/dates';
import { PointerDrag } from '../drag/pointer-drag';
import type { Point } from '../drag/pointer-drag';
import { PX_PER_MIN, minuteAt, slotAt, slotTo, snap } from './slots';

export interface TimelineDragListener {
  taskDropped(taskId: string, slot: Slot): void;
  blockMoved(blockId: string, slot: Slot): void;
  blockResized(blockId: string, slot: Slot): void;
}

type Kind = 'task' | 'block' | 'end';

const DEFAULT_MINS = 30;
const GRABBABLE = '[data-block-end], [data-block-id], [data-task-id]:not([data-fixed])';
const CONTROLS = 'button, input, textarea, select, a, label';

export class TimelineDrag {
  readonly #page: HTMLElement;
  readonly #listener: TimelineDragListener;
  readonly #preview = document.createElement('div');
  readonly #pointer: PointerDrag;
  #kind: Kind = 'task';
  #dragged: HTMLElement | null = null;
  /** From the top of the dragged block to where it was grabbed. */
  #holdMins = 0;
  #isHeld = false;
  #slot: Slot | null = null;

  constructor(page: HTMLElement, listener: TimelineDragListener) {
    this.#page = page;
    this.#listener = listener;
    this.#preview.className = 'slot-preview';
    this.#pointer = new PointerDrag(page, {
      grab: (target) => (target.closest(CONTROLS) ? null : target.closest<HTMLElement>(GRABBABLE)),
      started: (element) => this.#started(element),
      moved: (point) => this.#moved(point),
      dropped: () => this.#dropped(),
      ended: () => this.#ended(),
    });
  }

  attach(): () => void {
    return this.#pointer.attach();
  }

  #started(element: HTMLElement): void {
    this.#dragged = element;
    this.#kind = 'blockEnd' in element.dataset ? 'end' : 'blockId' in element.dataset ? 'block' : 'task';
    this.#isHeld = false;
  }

  #moved(point: Point): void {
    const grid = this.#page.querySelector<HTMLElement>('[data-day-grid]');
    const dragged = this.#dragged;
    if (!grid || !dragged) return;
    const isOver = this.#kind === 'end' || document.elementFromPoint(point.x, point.y)?.closest('[data-day-grid]') === grid;
    if (!isOver) return this.#hide();
    const minute = minuteAt(grid, point.y);
    this.#hold(dragged, minute);
    this.#slot = this.#kind === 'end' ? this.#stretched(dragged, minute) : slotAt(snap(minute - this.#holdMins), lengthOf(dragged));
    this.#show(grid, this.#slot);
  }

  /** A block stays under the pointer where it was grabbed; a task comes in by its top. */
  #hold(dragged: HTMLElement, minute: number): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#holdMins = this.#kind === 'block' ? minute - minutesOf(dragged.dataset.start ?? '') : 0;
  }

  #stretched(handle: HTMLElement, minute: number): Slot {
    const start = minutesOf(handle.closest<HTMLElement>('[data-block-id]')?.dataset.start ?? '');
    return slotTo(start, snap(minute));
  }

  #dropped(): void {
    const { dataset } = this.#dragged ?? {};
    if (!dataset || !this.#slot) return;
    if (this.#kind === 'task') this.#listener.taskDropped(dataset.taskId ?? '', this.#slot);
    else if (this.#kind === 'block') this.#listener.blockMoved(dataset.blockId ?? '', this.#slot);
    else this.#listener.blockResized(dataset.blockEnd ?? '', this.#slot);
  }

  #ended(): void {
    this.#hide();
    this.#dragged = null;
  }

  #show(grid: HTMLElement, { startTime, endTime }: Slot): void {
    const top = minutesOf(startTime) * PX_PER_MIN;
    this.#preview.style.top = `${top}px`;
    this.#preview.style.height = `${minutesOf(endTime) * PX_PER_MIN - top}px`;
    this.#preview.textContent = `${startTime} – ${endTime}`;
    if (this.#preview.parentElement !== grid) grid.append(this.#preview);
  }

  #hide(): void {
    this.#slot = null;
    this.#preview.remove();
  }
}

function lengthOf(element: HTMLElement): number {
  const { start, end, estimate } = element.dataset;
  if (start !== undefined && end !== undefined) return minutesOf(end) - minutesOf(start);
  return Number(estimate) || DEFAULT_MINS;
}
