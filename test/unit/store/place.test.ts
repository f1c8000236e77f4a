import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failureOfKind } from '../../helpers/failure.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeStore, sha256 } from './rig.ts';

test.each([undefined, '/dev/shm'])('a copy lies where it was wanted, on another device too (%s)', async (parent) => {
  const { store } = makeStore();
  const { digest } = await store.put(Buffer.from('package'));
  const dir = tempDir(parent);
  const path = join(dir, 'RPMS', 'a.rpm');
  await store.place(digest, path);
  expect(readFileSync(path, 'utf8')).toBe('package');
  await store.place(digest, path);
  expect(readdirSync(join(dir, 'RPMS'))).toEqual(['a.rpm']);
});

test.each([undefined, '/dev/shm'])('a file with other contents is not replaced (%s)', async (parent) => {
  const { store } = makeStore();
  const { digest } = await store.put(Buffer.from('package'));
  const dir = tempDir(parent);
  const path = join(dir, 'a.rpm');
  writeFileSync(path, 'mine');
  const failure = await failureOfKind('FileChanged', store.place(digest, path));
  expect(failure).toEqual({ kind: 'FileChanged', path, want: digest, got: sha256('mine') });
  expect(readFileSync(path, 'utf8')).toBe('mine');
  expect(readdirSync(dir)).toEqual(['a.rpm']);
});

test('a bad object is not placed', async () => {
  const { store, pathOf, names } = makeStore();
  const { digest } = await store.put(Buffer.from('package'));
  await flipByte(pathOf(digest));
  const dir = join(tempDir(), 'out');
  mkdirSync(dir);
  await failureOfKind('StoreCorrupt', store.place(digest, join(dir, 'a.rpm')));
  expect(readdirSync(dir)).toEqual([]);
  expect(names('corrupt')).toHaveLength(1);
});
