/**
 * Dragging with mouse, pen or finger: knows when a press becomes a drag, carries a picture of what is dragged, scrolls
 * at the edges. Where it may be dropped, and what that means, is left to its listener.
 */

import { DragGhost } from './drag-ghost';
import { EdgeScroll } from './edge-scroll';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface DragListener {
  /** What a press on `target` would drag; null where pressing means something else. */
  grab(target: Element): HTMLElement | null;
  started(element: HTMLElement): void;
  moved(point: Point): void;
  dropped(point: Point): void;
  /** After a drop too: whatever was shown for the drag goes. */
  ended(): void;
}

const MOUSE_SLACK_PX = 5;
const TOUCH_SLACK_PX = 10;
/** A finger that rests so long means to lift, not to scroll. */
const LONG_PRESS_MS = 220;

interface Press {
  readonly element: HTMLElement;
  readonly pointerId: number;
  readonly isTouch: boolean;
  readonly start: Point;
  timer: number;
}

export class PointerDrag {
  readonly #root: HTMLElement;
  readonly #listener: DragListener;
  readonly #scroll: EdgeScroll;
  #press: Press | null = null;
  #ghost: DragGhost | null = null;
  #point: Point = { x: 0, y: 0 };
  #frame = 0;

  constructor(root: HTMLElement, listener: DragListener) {
    this.#root = root;
    this.#listener = listener;
    this.#scroll = new EdgeScroll(root);
  }

  /** Begins to listen; the answer ends it. */
  attach(): () => void {
    const end = new AbortController();
    const options = { signal: end.signal };
    const root = this.#root;
    root.addEventListener('pointerdown', (event) => this.#pressed(event), options);
    window.addEventListener('pointermove', (event) => this.#moved(event), options);
    window.addEventListener('pointerup', (event) => this.#released(event), options);
    window.addEventListener('pointercancel', () => this.cancel(), options);
    window.addEventListener('blur', () => this.cancel(), options);
    window.addEventListener('keydown', (event) => this.#escaped(event), { ...options, capture: true });
    // Only a listener that is not passive can keep the page from scrolling under the finger.
    root.addEventListener('touchmove', (event) => this.#ghost && event.preventDefault(), { ...options, passive: false });
    root.addEventListener('contextmenu', (event) => this.#press?.isTouch && event.preventDefault(), options);
    return () => {
      this.cancel();
      end.abort();
    };
  }

  cancel(): void {
    const wasDragging = this.#ghost !== null;
    window.clearTimeout(this.#press?.timer);
    cancelAnimationFrame(this.#frame);
    this.#press = null;
    this.#frame = 0;
    this.#ghost?.remove();
    this.#ghost = null;
    if (wasDragging) delete document.documentElement.dataset.dragging;
    if (wasDragging) this.#listener.ended();
  }

  #pressed(event: PointerEvent): void {
    const element = event.target instanceof Element && event.button === 0 ? this.#listener.grab(event.target) : null;
    if (!element || this.#press) return;
    const isTouch = event.pointerType === 'touch';
    this.#point = { x: event.clientX, y: event.clientY };
    this.#press = { element, pointerId: event.pointerId, isTouch, start: this.#point, timer: 0 };
    if (isTouch) this.#press.timer = window.setTimeout(() => this.#start(), LONG_PRESS_MS);
  }

  #moved(event: PointerEvent): void {
    const press = this.#press;
    if (press?.pointerId !== event.pointerId) return;
    this.#point = { x: event.clientX, y: event.clientY };
    if (this.#ghost) return;
    const distance = Math.hypot(event.clientX - press.start.x, event.clientY - press.start.y);
    if (press.isTouch && distance > TOUCH_SLACK_PX) this.cancel();
    else if (!press.isTouch && distance > MOUSE_SLACK_PX) this.#start();
  }

  #released(event: PointerEvent): void {
    if (this.#press?.pointerId !== event.pointerId) return;
    if (this.#ghost) {
      this.#swallowClick();
      this.#listener.moved(this.#point);
      this.#listener.dropped(this.#point);
    }
    this.cancel();
  }

  #escaped(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.#ghost) return;
    event.stopPropagation();
    this.cancel();
  }

  #start(): void {
    if (!this.#press) return;
    this.#ghost = new DragGhost(this.#press.element, this.#press.start);
    document.documentElement.dataset.dragging = '';
    document.getSelection()?.removeAllRanges();
    this.#listener.started(this.#press.element);
    this.#follow();
  }

  /** One reading and one writing of the page per frame, however fast the pointer reports. */
  #follow(): void {
    this.#scroll.step(this.#point);
    this.#listener.moved(this.#point);
    this.#ghost?.moveTo(this.#point);
    this.#frame = requestAnimationFrame(() => this.#follow());
  }

  /** The press that dragged is not a click on what was dragged. */
  #swallowClick(): void {
    const swallow = (event: Event) => {
      event.stopPropagation();
      event.preventDefault();
    };
    window.addEventListener('click', swallow, { capture: true, once: true });
    window.setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0);
  }
}
