import { describe, expect, test } from 'vitest';
import {
  agreedValues,
  compareConfig,
  configAdd,
  configOverride,
  configSet,
  parseConfig,
} from '../../../pipeline/rpm/kernel-config.ts';
import { thrown } from '../recipe/hello-copy.ts';

const TEXT = '# comment\nCONFIG_A=y\nCONFIG_A_B=12\n# CONFIG_C is not set\nCONFIG_D="a=b"\n';

test('parseConfig knows set, unset and strings', () => {
  expect(Object.fromEntries(parseConfig(TEXT))).toEqual({
    CONFIG_A: 'y',
    CONFIG_A_B: '12',
    CONFIG_C: 'n',
    CONFIG_D: '"a=b"',
  });
});

describe('configSet', () => {
  test('sets what is set, what is not set, and unsets', () => {
    expect(configSet('c', TEXT, { CONFIG_A_B: '20', CONFIG_C: 'm', CONFIG_A: 'n' })).toBe(
      '# comment\n# CONFIG_A is not set\nCONFIG_A_B=20\nCONFIG_C=m\nCONFIG_D="a=b"\n',
    );
  });

  test('refuses a symbol that is not there, with what is near', () => {
    const failure = thrown('EditMismatch', () => configSet('c', TEXT, { CONFIG_A_BC: '20' }));
    expect(failure).toMatchObject({ file: 'c', line: 'CONFIG_A_BC=20', matches: [] });
    expect(failure.near).toContain('3: CONFIG_A_B=12');
  });

  test('refuses a symbol that is there twice', () => {
    const failure = thrown('EditMismatch', () =>
      configSet('c', 'CONFIG_A=y\n# CONFIG_A is not set\n', { CONFIG_A: 'm' }),
    );
    expect(failure.matches).toEqual([1, 2]);
  });
});

describe('configAdd', () => {
  test('adds at the end, also of a text without a last line break', () => {
    expect(configAdd('c', 'CONFIG_A=y', { CONFIG_TOA: 'm', CONFIG_X: 'n' })).toBe(
      'CONFIG_A=y\nCONFIG_TOA=m\n# CONFIG_X is not set\n',
    );
    expect(configAdd('c', '', { CONFIG_TOA: 'm' })).toBe('CONFIG_TOA=m\n');
  });

  test('refuses a symbol that is there, even unset', () => {
    const failure = thrown('EditMismatch', () => configAdd('c', TEXT, { CONFIG_C: 'm' }));
    expect(failure).toMatchObject({ matches: [4], near: ['4: # CONFIG_C is not set'] });
  });
});

describe('configOverride', () => {
  test('sets what is there and adds what is not', () => {
    expect(configOverride('c', TEXT, { CONFIG_NEW: 'n', CONFIG_A_B: '20', CONFIG_C: 'm' })).toBe(
      '# comment\nCONFIG_A=y\nCONFIG_A_B=20\nCONFIG_C=m\nCONFIG_D="a=b"\n# CONFIG_NEW is not set\n',
    );
    expect(configOverride('c', '#\n', { CONFIG_NEW: '7' })).toBe('#\nCONFIG_NEW=7\n');
  });

  test('refuses a symbol that is there twice', () => {
    const text = 'CONFIG_A=y\nCONFIG_A=m\n';
    expect(thrown('EditMismatch', () => configOverride('c', text, { CONFIG_A: 'n' })).matches).toEqual([1, 2]);
  });
});

test('agreedValues leaves out what fragments see differently', () => {
  const values = agreedValues(['CONFIG_A=y\nCONFIG_B=1\n', '# CONFIG_A is not set\nCONFIG_C=m\nCONFIG_B=1\n']);
  expect(Object.fromEntries(values)).toEqual({ CONFIG_B: '1', CONFIG_C: 'm' });
});

test('compareConfig tells what was not kept; off may be missing', () => {
  const wanted = { CONFIG_A: 'y', CONFIG_A_B: '20', CONFIG_C: 'm', CONFIG_E: 'n', CONFIG_F: 'y' };
  expect(compareConfig(wanted, TEXT)).toEqual([
    { name: 'CONFIG_A_B', want: '20', got: '12' },
    { name: 'CONFIG_C', want: 'm', got: 'n' },
    { name: 'CONFIG_F', want: 'y', got: 'missing' },
  ]);
});
