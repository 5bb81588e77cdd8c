/** Time, as one replaceable outside fact. */

export type Cancel = () => void;

export interface Clock {
  now(): number;
  /** Runs once after the delay; cancelling what has run is harmless. */
  after(delayMs: number, run: () => void): Cancel;
}

/** Browsers keep timer delays in 32 bits; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function systemClock(): Clock {
  const after = (delayMs: number, run: () => void): Cancel => {
    if (delayMs > LONGEST_TIMER_MS) {
      let cancel = after(LONGEST_TIMER_MS, () => {
        cancel = after(delayMs - LONGEST_TIMER_MS, run);
      });
      return () => cancel();
    }
    const timer = setTimeout(run, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  };
  return { now: () => Date.now(), after };
}
