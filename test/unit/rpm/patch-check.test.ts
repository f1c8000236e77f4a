import { expect, test } from 'vitest';
import { checkPatches, newSymbols } from '../../../pipeline/rpm/patch-check.ts';
import { failureOf } from '../../../pipeline/run/failure.ts';

const failureIn = (work: () => void): unknown => {
  try {
    work();
  } catch (thrown) {
    return failureOf(thrown);
  }
  throw new Error('did not fail');
};

const patch = (file: string, ...lines: string[]): string =>
  ['--- a/x', `+++ b/${file}`, '@@ -1,3 +1,9 @@', ...lines, ''].join('\n');

test.each([
  ['spaces', ['+config TOA', '+\ttristate "TOA"', '+\tdefault m'], ['CONFIG_TOA']],
  ['a tab after config', ['+config\tICMP', '+\tbool "ICMP"'], ['CONFIG_ICMP']],
  ['menuconfig', ['+menuconfig A', '+\tprompt "A"'], ['CONFIG_A']],
  ['two of them', ['+config A', '+\tint "A"', '+', '+config B', '+\tstring "B"'], ['CONFIG_A', 'CONFIG_B']],
  ['no prompt: nobody is asked', ['+config HIDDEN', '+\tbool', '+\tdefault y'], []],
  ['an old entry that gets another range', [' config BITS', '-\trange 8 20', '+\trange 8 22'], []],
  ['an entry that moved', ['-config MOVED', '-\tbool "m"', '+config MOVED', '+\tbool "m"'], []],
  ['prose', ['+config this and that', '+\thelp'], []],
])('new Kconfig symbols: %s', (_, lines, want) => {
  expect(newSymbols(patch('net/ipv4/Kconfig', ...lines))).toEqual(want);
});

test('only Kconfig files count', () => {
  expect(newSymbols(patch('Documentation/x.txt', '+config TOA', '+\ttristate "TOA"'))).toEqual([]);
  expect(newSymbols(patch('net/Kconfig.debug', '+config TOA', '+\ttristate "TOA"'))).toEqual(['CONFIG_TOA']);
});

const toa = {
  name: 'toa.patch',
  text: patch('Kconfig', '+config TOA', '+\ttristate "T"', ...Array<string>(20).fill('+')),
};

test('a symbol without a value is an error that names patch and symbol', () => {
  expect(failureIn(() => checkPatches('kernel-backend', [toa], 'ApplyPatch {name}', new Set()))).toEqual({
    kind: 'KconfigWithoutValue',
    package: 'kernel-backend',
    patch: 'toa.patch',
    symbols: ['CONFIG_TOA'],
  });
  expect(() => checkPatches('p', [toa], 'ApplyPatch {name}', new Set(['CONFIG_TOA']))).not.toThrow();
});

test('a patch that ApplyOptionalPatch would pass over is an error; ApplyPatch takes it', () => {
  const short = { name: 's.patch', text: patch('a.c', ' a', '-b', '+c', ' d', ' e') };
  expect(failureIn(() => checkPatches('p', [short], 'ApplyOptionalPatch {name}', new Set()))).toEqual({
    kind: 'PatchIgnored',
    patch: 's.patch',
    lines: 8,
  });
  expect(() => checkPatches('p', [short], 'ApplyPatch {name}', new Set())).not.toThrow();
});
