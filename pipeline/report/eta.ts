/** What is known about the speed of a phase. Times in ms since the epoch, amounts in the units of the progress events. */
export interface Eta {
  readonly startAt: number;
  readonly startDone: number;
  /** When and at what amount the rate was last renewed. */
  readonly at: number;
  readonly done: number;
  /** Smoothed units per ms; null until there is enough to tell. */
  readonly rate: number | null;
  /** Smoothed ms left, as of `at`; null until there is enough to tell. */
  readonly left: number | null;
}

/** Nothing is said before so much time has passed: the first seconds are never typical. */
const WARM_UP_MS = 3_000;
/** Events closer together than this are taken as one. */
const STEP_MS = 250;
const RATE_MEMORY_MS = 30_000;
/** The estimate follows good news faster than bad news, so that it seldom jumps up. */
const FALL_MEMORY_MS = 4_000;
const RISE_MEMORY_MS = 20_000;

/** The state at the first progress event of a phase. */
export function startEta(at: number, done: number): Eta {
  return { startAt: at, startDone: done, at, done, rate: null, left: null };
}

/** The state after another progress event. Starts anew when the amount goes back. */
export function updateEta(eta: Eta, at: number, done: number, total: number | null): Eta {
  if (done < eta.done || at < eta.at) return startEta(at, done);
  const dt = at - eta.at;
  if (dt < STEP_MS) return eta;
  const rate = nextRate(eta, at, done, dt);
  return { ...eta, at, done, rate, left: nextLeft(eta, dt, rawLeft(rate, done, total)) };
}

/** Estimated ms left at `now`, counting down between events; null when unknown, or when the estimate has run out. */
export function timeLeft(eta: Eta, now: number): number | null {
  if (eta.left === null) return null;
  const left = eta.left - Math.max(0, now - eta.at);
  return left > 0 ? left : null;
}

/** `about 4 min left`; coarse on purpose. Nothing ('') when unknown. */
export function formatLeft(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return '';
  const seconds = ms / 1000;
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} s left`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `about ${minutes} min left`;
  const rounded = Math.round(minutes / 5) * 5;
  const rest = rounded % 60;
  return `about ${Math.floor(rounded / 60)} h${rest === 0 ? '' : ` ${rest} min`} left`;
}

function nextRate(eta: Eta, at: number, done: number, dt: number): number | null {
  if (at - eta.startAt < WARM_UP_MS || done === eta.startDone) return null;
  if (eta.rate === null) return (done - eta.startDone) / (at - eta.startAt);
  return approach(eta.rate, (done - eta.done) / dt, dt, RATE_MEMORY_MS);
}

function rawLeft(rate: number | null, done: number, total: number | null): number | null {
  if (rate === null || rate <= 0 || total === null || done > total) return null;
  return (total - done) / rate;
}

function nextLeft(eta: Eta, dt: number, raw: number | null): number | null {
  if (raw === null || eta.left === null) return raw;
  const expected = Math.max(0, eta.left - dt);
  return approach(expected, raw, dt, raw > expected ? RISE_MEMORY_MS : FALL_MEMORY_MS);
}

/** Exponential smoothing that does not depend on how often it is called. */
function approach(from: number, to: number, dt: number, memory: number): number {
  return from + (to - from) * (1 - Math.exp(-dt / memory));
}
