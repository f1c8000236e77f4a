import { expect, test } from 'vitest';
import {
  isAsWished,
  isHalfSpent,
  nextPointer,
  type Pointer,
  type PointerWish,
} from '../../../pipeline/plan/pointer.ts';

const NOW = new Date('2026-11-22T12:00:00.900Z');
const SECONDS = Math.floor(NOW.getTime() / 1000);
const later = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);
const wish = (snapshot: string, validDays = 30): PointerWish => ({ recipe: 'el6', snapshot, validDays });

test('the serial grows with every statement, back too, and with a clock that goes back', () => {
  const serials: number[] = [];
  let before: Pointer | undefined;
  for (const [id, now] of [
    ['a', NOW],
    ['b', NOW],
    ['a', new Date(0)],
    ['a', new Date(0)],
    ['b', new Date(NOW.getTime() + 60_000)],
  ] as const) {
    before = nextPointer(before, wish(id), now);
    serials.push(before.serial);
  }
  expect(serials).toEqual([SECONDS, SECONDS + 1, SECONDS + 2, SECONDS + 3, SECONDS + 60]);
});

test('said again it keeps when it was published; moved it does not', () => {
  const first = nextPointer(undefined, wish('a'), NOW);
  expect(first).toMatchObject({ publishedAt: '2026-11-22T12:00:00Z', expires: '2026-12-22T12:00:00Z' });
  const again = nextPointer(first, wish('a', 7), later(1));
  expect(again).toMatchObject({
    publishedAt: '2026-11-22T12:00:00Z',
    issuedAt: '2026-11-23T12:00:00Z',
    expires: '2026-11-30T12:00:00Z',
  });
  expect(nextPointer(again, wish('b'), later(2)).publishedAt).toBe('2026-11-24T12:00:00Z');
});

test('a pointer is good enough until half of its life is over, and only for what is wished', () => {
  const pointer = nextPointer(undefined, wish('a'), NOW);
  expect([14.9, 15.1].map((days) => isHalfSpent(pointer, later(days)))).toEqual([false, true]);
  expect(isAsWished(pointer, wish('a'), later(14.9))).toBe(true);
  expect(isAsWished(pointer, wish('a'), later(15.1))).toBe(false);
  expect(isAsWished(pointer, wish('b'), NOW)).toBe(false);
  expect(isAsWished(pointer, wish('a', 31), NOW)).toBe(false);
  expect(isAsWished(pointer, { ...wish('a'), recipe: 'lts' }, NOW)).toBe(false);
});
