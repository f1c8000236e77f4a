import { describe, expect, test } from 'vitest';
import {
  contains,
  isReserved,
  overlap,
  parseAddress,
  parseNetwork,
  prefixesOf,
  showAddress,
  showNetwork,
} from '../../../pipeline/host/configure/ipv4.ts';

const address = (text: string): number => parseAddress(text)!;
const network = (text: string) => parseNetwork(text)!;

describe('addresses', () => {
  test.each(['0.0.0.0', '10.0.2.101', '192.168.0.1', '255.255.255.255'])('%s comes back', (text) => {
    expect(showAddress(address(text))).toBe(text);
  });
  test.each(['', '10.0.2', '10.0.2.256', '10.0.2.01', '10.0.2.1.1', ' 10.0.2.1', '10.0.2.-1', '::1', '10.0.2.1/24'])(
    '%j is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );
});

describe('networks', () => {
  test.each([
    ['10.0.2.77/24', '10.0.2.0/24'],
    ['192.168.0.14/30', '192.168.0.12/30'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['203.0.113.1/32', '203.0.113.1/32'],
    ['1.2.3.4/0', '0.0.0.0/0'],
  ])('%s is in %s', (text, shown) => {
    expect(showNetwork(network(text))).toBe(shown);
  });
  test.each(['10.0.2.1', '10.0.2.1/33', '10.0.2.1/', '10.0.2.1/08', '/24'])('%j is none', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
  test('hold their first and last address and no more', () => {
    const found = ['10.0.1.255', '10.0.2.0', '10.0.2.255', '10.0.3.0'].map((text) =>
      contains(network('10.0.2.9/24'), address(text)),
    );
    expect(found).toEqual([false, true, true, false]);
  });
  test('overlap when one holds the other, either way round', () => {
    expect(overlap(network('10.0.0.0/22'), network('10.0.3.0/24'))).toBe(true);
    expect(overlap(network('10.0.3.0/24'), network('10.0.0.0/22'))).toBe(true);
    expect(overlap(network('10.0.3.0/24'), network('10.0.4.0/24'))).toBe(false);
  });
  test('have two addresses that no host can have, unless they are tiny', () => {
    expect(isReserved(network('10.0.2.1/24'), address('10.0.2.0'))).toBe(true);
    expect(isReserved(network('10.0.2.1/24'), address('10.0.2.255'))).toBe(true);
    expect(isReserved(network('10.0.2.1/24'), address('10.0.2.254'))).toBe(false);
    expect(isReserved(network('10.0.2.0/31'), address('10.0.2.0'))).toBe(false);
  });
});

describe('prefixes', () => {
  const range = (first: string, count: number) => Array.from({ length: count }, (_, index) => address(first) + index);
  test.each([
    ['10.0.2.64', 28, ['10.0.2.64/28', '10.0.2.80/29', '10.0.2.88/30']],
    ['10.0.2.0', 256, ['10.0.2.0/24']],
    ['10.0.2.255', 2, ['10.0.2.255/32', '10.0.3.0/32']],
    ['10.0.2.101', 4, ['10.0.2.101/32', '10.0.2.102/31', '10.0.2.104/32']],
    ['0.0.0.0', 2, ['0.0.0.0/31']],
  ])('%s and so on, %i of them', (first, count, prefixes) => {
    expect(prefixesOf(range(first, count))).toEqual(prefixes);
  });
  test('hold exactly the addresses, also with gaps', () => {
    const addresses = [...range('10.0.2.3', 7), ...range('10.0.9.16', 33), address('10.1.0.0')];
    const held = prefixesOf(addresses).flatMap((text) => {
      const { base, length } = network(text);
      return Array.from({ length: 2 ** (32 - length) }, (_, index) => base + index);
    });
    expect(held).toEqual(addresses);
  });
});
