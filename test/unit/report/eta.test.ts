import { describe, expect, it } from 'vitest';
import { formatLeft, startEta, timeLeft, updateEta } from '../../../pipeline/report/eta.ts';
import type { Eta } from '../../../pipeline/report/eta.ts';

/** One event per second at the given amounts. */
function run(amounts: readonly number[], total: number | null): (number | null)[] {
  let eta: Eta = startEta(0, amounts[0] ?? 0);
  return amounts.map((done, second) => {
    eta = updateEta(eta, second * 1000, done, total);
    return timeLeft(eta, second * 1000);
  });
}
const steady = Array.from({ length: 101 }, (_, index) => index * 10);

describe('time left', () => {
  it('is exact for a steady rate, after a warm-up in which nothing is said', () => {
    const left = run(steady, 1000);
    expect(left.slice(0, 3)).toEqual([null, null, null]);
    expect(left[10]).toBeCloseTo(90_000);
    expect(left[90]).toBeCloseTo(10_000);
    expect(left[100]).toBeNull();
  });

  it('is unknown without a total, without progress, and beyond the total', () => {
    expect(run(steady, null).every((value) => value === null)).toBe(true);
    expect(
      run(
        steady.map(() => 5),
        1000,
      ).every((value) => value === null),
    ).toBe(true);
    expect(run(steady, 500).at(-1)).toBeNull();
  });

  it('rises only slowly when a build slows down, and never is negative', () => {
    const slowing = Array.from({ length: 200 }, (_, index) => Math.min(index, 50) * 10 + Math.max(0, index - 50));
    const left = run(slowing, 1000);
    expect(left[60]).toBeLessThan(left[50] ?? 0);
    expect(left[68]).toBeLessThan(left[50] ?? 0);
    expect(left[150]).toBeGreaterThan(200_000);
    expect(left.every((value) => value === null || value > 0)).toBe(true);
  });

  it('counts down between events and then says nothing more', () => {
    let eta = startEta(0, 0);
    for (let second = 1; second <= 10; second += 1) eta = updateEta(eta, second * 1000, second, 20);
    expect(timeLeft(eta, 14_000)).toBeCloseTo(6_000);
    expect(timeLeft(eta, 60_000)).toBeNull();
  });

  it('does not depend on how many events there are', () => {
    let eta = startEta(0, 0);
    for (let ms = 10; ms <= 20_000; ms += 10) eta = updateEta(eta, ms, ms / 100, 1000);
    expect(timeLeft(eta, 20_000)).toBeCloseTo(80_000, -3);
  });

  it('starts anew when the amount goes back', () => {
    const eta = updateEta(updateEta(startEta(0, 0), 10_000, 500, 1000), 11_000, 0, 1000);
    expect(eta).toEqual(startEta(11_000, 0));
  });
});

it.each([
  [null, ''],
  [-1, ''],
  [Infinity, ''],
  [3_000, 'a few seconds left'],
  [42_000, 'about 40 s left'],
  [58_000, 'about 1 min left'],
  [240_000, 'about 4 min left'],
  [3_600_000, 'about 1 h left'],
  [4_900_000, 'about 1 h 20 min left'],
])('formatLeft(%s) is %j', (ms, text) => {
  expect(formatLeft(ms)).toBe(text);
});
