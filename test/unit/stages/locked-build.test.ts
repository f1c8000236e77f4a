import { expect, test } from 'vitest';
import { failureOf } from '../../../pipeline/run/failure.ts';
import { checkPackages, GonePackages } from '../../../pipeline/stages/locked-build.ts';

test('what an install script says about versions that are gone becomes one failure', () => {
  const gone = new GonePackages();
  expect(gone.failure('builder')).toBeUndefined();
  for (const line of [
    '@@factory gone=bash 5.2-1 5.2-2',
    '@@factory gone=zip 3.0-13 ',
    '@@factory packages=3',
    'gone=x y',
  ])
    gone.take(line);
  expect(gone.failure('builder')?.failure).toEqual({
    kind: 'LockedVersionGone',
    what: 'image builder',
    packages: [
      { name: 'bash', locked: '5.2-1', offered: '5.2-2' },
      { name: 'zip', locked: '3.0-13', offered: null },
    ],
  });
});

test('an image with other packages than the locked ones is refused with the difference', () => {
  expect(() => checkPackages('builder', ['a all 1'], ['a all 1'])).not.toThrow();
  let thrown: unknown;
  try {
    checkPackages('builder', ['a all 1'], ['a all 2']);
  } catch (error) {
    thrown = error;
  }
  expect(failureOf(thrown)).toMatchObject({
    kind: 'ImageNotAsLocked',
    difference: { added: [], removed: [], changed: [{ name: 'a.all', locked: '1', got: '2' }] },
  });
});
