/** Calls `onIdle` once when `touch` was not called for so long. */
export interface Watchdog {
  touch(): void;
  stop(): void;
}

/** Starts a watchdog. `touch` only notes the time, so it may be called for every chunk of output. */
export function startWatchdog(seconds: number, onIdle: () => void): Watchdog {
  let touched = performance.now();
  let timer = setTimeout(check, seconds * 1000);
  function check(): void {
    const left = touched + seconds * 1000 - performance.now();
    if (left <= 0) onIdle();
    else timer = setTimeout(check, left);
  }
  return {
    touch: () => (touched = performance.now()),
    stop: () => clearTimeout(timer),
  };
}
