/** The browser's next animation frame, as one replaceable outside fact. */

export interface FrameSource {
  next(run: () => void): void;
}

/** Hidden pages get no frames: after this long it goes on without one. */
const LONGEST_WAIT_MS = 250;

export function browserFrames(page: Window): FrameSource {
  return {
    next(run) {
      let isDone = false;
      const once = () => {
        if (isDone) return;
        isDone = true;
        page.clearTimeout(timer);
        run();
      };
      const timer = page.setTimeout(once, LONGEST_WAIT_MS);
      page.requestAnimationFrame(once);
    },
  };
}
