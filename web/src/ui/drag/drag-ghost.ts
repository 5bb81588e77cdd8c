/** The picture of a dragged element that follows the pointer. */

import type { Point } from './pointer-drag';

export class DragGhost {
  readonly #source: HTMLElement;
  readonly #copy: HTMLElement;
  readonly #start: Point;

  constructor(source: HTMLElement, start: Point) {
    const box = source.getBoundingClientRect();
    this.#source = source;
    this.#start = start;
    this.#copy = source.cloneNode(true) as HTMLElement;
    this.#copy.classList.add('drag-ghost');
    this.#copy.setAttribute('aria-hidden', 'true');
    this.#copy.inert = true;
    Object.assign(this.#copy.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` });
    source.dataset.dragged = '';
    document.body.append(this.#copy);
  }

  moveTo(point: Point): void {
    this.#copy.style.transform = `translate(${point.x - this.#start.x}px, ${point.y - this.#start.y}px) rotate(1.2deg)`;
  }

  remove(): void {
    delete this.#source.dataset.dragged;
    this.#copy.remove();
  }
}
