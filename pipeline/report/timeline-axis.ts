const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Distances between ticks that people can divide in their heads, in ms. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR),
];

/** A mark on the time axis, ms from the start. */
export interface Tick {
  readonly ms: number;
  readonly label: string;
}

/** Ticks from 0 to at most `total` ms: round distances, at most `max` of them after the first. */
export function ticks(total: number, max = 8): Tick[] {
  if (!(total > 0)) return [{ ms: 0, label: '0' }];
  const step = STEPS.find((candidate) => total / candidate <= max) ?? Math.ceil(total / max / (24 * HOUR)) * 24 * HOUR;
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => ({
    ms: index * step,
    label: tickLabel(index * step, step),
  }));
}

function tickLabel(ms: number, step: number): string {
  if (ms === 0) return '0';
  if (step < SECOND) return ms < SECOND ? `${ms} ms` : `${Number((ms / SECOND).toFixed(2))} s`;
  const hours = Math.floor(ms / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  const seconds = Math.round((ms % MINUTE) / SECOND);
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours}h ${minutes}m`;
  if (minutes > 0) return seconds === 0 ? `${minutes} min` : `${minutes}m ${seconds}s`;
  return `${seconds} s`;
}
