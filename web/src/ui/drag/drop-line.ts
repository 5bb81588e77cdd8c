/** The line that shows between which cards a drop would land. */

export class DropLine {
  readonly #line = document.createElement('div');

  constructor() {
    this.#line.className = 'drop-line';
    this.#line.hidden = true;
    document.body.append(this.#line);
  }

  show(list: HTMLElement, y: number): void {
    const box = list.getBoundingClientRect();
    const within = Math.min(Math.max(y, box.top + 2), box.bottom - 2);
    this.#line.style.width = `${box.width - 16}px`;
    this.#line.style.transform = `translate(${box.left + 8}px, ${within}px)`;
    this.#line.hidden = false;
  }

  hide(): void {
    this.#line.hidden = true;
  }

  remove(): void {
    this.#line.remove();
  }
}
