import { expect, test } from 'vitest';
import { comparePackages, differenceWords, isSame, packageLines } from '../../../pipeline/recipe/package-sets.ts';

const locked = ['bash amd64 5.2-1', 'libc6 amd64 2.36-9', 'zip amd64 3.0-13'];

test('the same packages in any order are the same', () => {
  expect(isSame(comparePackages(locked, locked.toReversed()))).toBe(true);
  expect(differenceWords(comparePackages(locked, locked))).toBe('');
});

test('added, removed and other versions, by name and architecture', () => {
  const got = ['bash amd64 5.2-2', 'libc6 i386 2.36-9', 'libc6 amd64 2.36-9'];
  const difference = comparePackages(locked, got);
  expect(difference).toEqual({
    added: ['libc6.i386 2.36-9'],
    removed: ['zip.amd64 3.0-13'],
    changed: [{ name: 'bash.amd64', locked: '5.2-1', got: '5.2-2' }],
  });
  expect(isSame(difference)).toBe(false);
  expect(differenceWords(difference, 2)).toBe('bash.amd64 5.2-1 -> 5.2-2, +libc6.i386 2.36-9 and 1 more');
});

test('several versions of one name are one entry', () => {
  const two = ['kernel x86_64 2.6.32-1', 'kernel x86_64 2.6.32-2'];
  expect(isSame(comparePackages(two, two.toReversed()))).toBe(true);
  expect(comparePackages(two, two.slice(1)).changed).toEqual([
    { name: 'kernel.x86_64', locked: '2.6.32-1 2.6.32-2', got: '2.6.32-2' },
  ]);
});

test('lines of a packages.txt', () => {
  expect(packageLines('a all 1\nb all 2\n')).toEqual(['a all 1', 'b all 2']);
});
