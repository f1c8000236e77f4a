import { expect, test } from 'vitest';
import { compareEvr, parseEvr, rpmvercmp } from '../../../pipeline/rpm/evr.ts';

/** From rpm's own tests/rpmvercmp.at, without those for `~` (rpm 4.10) and `^` (4.15), which 4.8 does not know. */
const RPM_TESTS: readonly (readonly [string, string, -1 | 0 | 1])[] = [
  ['1.0', '1.0', 0],
  ['1.0', '2.0', -1],
  ['2.0.1', '2.0.1', 0],
  ['2.0', '2.0.1', -1],
  ['2.0.1a', '2.0.1a', 0],
  ['2.0.1a', '2.0.1', 1],
  ['5.5p1', '5.5p1', 0],
  ['5.5p1', '5.5p2', -1],
  ['5.5p10', '5.5p10', 0],
  ['5.5p1', '5.5p10', -1],
  ['10xyz', '10.1xyz', -1],
  ['xyz10', 'xyz10', 0],
  ['xyz10', 'xyz10.1', -1],
  ['xyz.4', 'xyz.4', 0],
  ['xyz.4', '8', -1],
  ['xyz.4', '2', -1],
  ['5.5p2', '5.6p1', -1],
  ['5.6p1', '6.5p1', -1],
  ['6.0.rc1', '6.0', 1],
  ['10b2', '10a1', 1],
  ['10a2', '10b2', -1],
  ['1.0aa', '1.0aa', 0],
  ['1.0a', '1.0aa', -1],
  ['10.0001', '10.0001', 0],
  ['10.0001', '10.1', 0],
  ['10.0001', '10.0039', -1],
  ['4.999.9', '5.0', -1],
  ['20101121', '20101121', 0],
  ['20101121', '20101122', -1],
  ['2_0', '2_0', 0],
  ['2.0', '2_0', 0],
  ['a', 'a', 0],
  ['a+', 'a+', 0],
  ['a+', 'a_', 0],
  ['+a', '_a', 0],
  ['+_', '_+', 0],
  ['+', '_', 0],
];

/** What only reading rpm 4.8's lib/rpmvercmp.c tells: leftover separators count, `~` and `^` separate like any other. */
const RPM_48: readonly (readonly [string, string, -1 | 0 | 1])[] = [
  ['1.0.', '1.0', 1],
  ['1.0~rc1', '1.0', 1],
  ['1.0^git1', '1.0', 1],
  ['1.0~rc1', '1.0.rc1', 0],
  ['', '1', -1],
  ['99999999999999999999', '100000000000000000000', -1],
];

/** Kernels that this factory is about. */
const KERNELS: readonly (readonly [string, string, -1 | 0 | 1])[] = [
  ['220.el6', '220.23.1.el6', -1],
  ['220.23.1.el6', '220.23.1.el6.ipvs_20bit', -1],
  ['754.el6', '220.23.1.el6', 1],
  ['1.fn12.ipvs_20bit', '1.fn12.toa', -1],
];

test.each([...RPM_TESTS, ...RPM_48, ...KERNELS])('rpmvercmp %s and %s is %i', (a, b, order) => {
  expect(rpmvercmp(a, b)).toBe(order);
  expect(rpmvercmp(b, a)).toBe(order === 0 ? 0 : -order);
});

test('epoch before version before release', () => {
  expect(parseEvr('1:2.2.7-1.fn12')).toEqual({ epoch: 1, version: '2.2.7', release: '1.fn12' });
  expect(parseEvr('6.1.192')).toEqual({ epoch: 0, version: '6.1.192', release: '' });
  const order = (a: string, b: string) => compareEvr(parseEvr(a), parseEvr(b));
  expect(order('1:1.0-1', '2.0-9')).toBe(1);
  expect(order('2.6.32-220.el6', '2.6.32-220.23.1.el6')).toBe(-1);
  expect(order('2.6.32.71-1', '2.6.32-1')).toBe(1);
  expect(order('1-1', '0:1-1')).toBe(0);
});
