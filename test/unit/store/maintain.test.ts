import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pruneStore, sweepTemporary, verifyStore } from '../../../pipeline/store/index.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeStore, sha256 } from './rig.ts';

test('a whole store is verified; what is bad is named and put aside', async () => {
  const { root, store, pathOf, names } = makeStore();
  for (const text of ['one', 'two', 'three']) await store.put(Buffer.from(text));
  await flipByte(pathOf(sha256('two')));
  const progress: string[] = [];
  const report = await verifyStore(root, (done, total) => progress.push(`${done}/${total}`));
  expect(report.ok).toBe(2);
  expect(report.corrupt.map(({ digest }) => digest)).toEqual([sha256('two')]);
  expect(progress).toEqual(['1/3', '2/3', '3/3']);
  expect(names('corrupt')).toHaveLength(1);
  expect(await verifyStore(root)).toEqual({ ok: 2, corrupt: [] });
});

test('a store that was never used is fine', async () => {
  const root = join(tempDir(), 'none');
  expect(await verifyStore(root)).toEqual({ ok: 0, corrupt: [] });
  expect(await pruneStore(root, new Set())).toBe(0);
  expect(await sweepTemporary(root)).toEqual([]);
});

test('pruning keeps what is kept and counts what was freed', async () => {
  const { root, store, pathOf, names } = makeStore();
  for (const text of ['keep', 'drop me', 'published', 'bad']) await store.put(Buffer.from(text));
  await store.place(sha256('published'), join(tempDir(), 'published'));
  await flipByte(pathOf(sha256('bad')));
  await verifyStore(root);
  const freed = await pruneStore(root, new Set([sha256('keep')]));
  // A reflinked file system gives the bytes of `published` as freed too: it cannot be told from outside.
  expect([10, 19]).toContain(freed);
  expect(names('objects')).toHaveLength(1);
  expect(names('corrupt')).toEqual([]);
  expect((await store.read(sha256('keep'))).toString()).toBe('keep');
});

test('sweeping removes files and directories in the making, and nothing else', async () => {
  const { root, store, names } = makeStore();
  await store.put(Buffer.from('object'));
  writeFileSync(join(await store.scratch(), 'half'), 'x');
  writeFileSync(join(root, 'v1/tmp/.object.123.tmp'), 'x');
  expect(await sweepTemporary(root)).toHaveLength(2);
  expect(names('temporary')).toEqual([]);
  expect(names('objects')).toHaveLength(1);
});
