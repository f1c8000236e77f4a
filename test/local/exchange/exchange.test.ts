import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asSha256 } from '../../../pipeline/plan/artifact.ts';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import { writeExchange } from '../../../pipeline/tools/exchange/export.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { layoutOf, objectPath } from '../../../pipeline/store/layout.ts';
import { sha256 } from '../../unit/store/rig.ts';
import { exported, machine, make, never, recordOf } from './rig.ts';

test('what one machine exports another has after importing it: records, objects, nothing of the machine itself', async () => {
  const from = machine();
  const a = await make(from, 'rebuild-srpm:a', { 'a.rpm': 'a', 'a-devel.rpm': 'devel' });
  const image = await make(from, 'builder-image:b', { b: 'descriptor' }, 'image');
  const to = machine();
  const file = await exported(from, [a, image]);
  expect(await to.import([file])).toEqual({ records: 2, objects: 3 });
  const got = await to.ledger.get(a.key);
  expect(got).toEqual({ ...a, log: null, outputs: a.outputs.map(({ engineId, ...rest }) => rest) });
  expect(await to.ledger.latest('builder-image:b')).toMatchObject({ key: image.key });
  expect((await to.store.read(a.outputs[1]!.digest)).toString()).toBe('devel');
  expect(await readFile(file, 'latin1')).not.toMatch(/sha256:1234|runs\/1/);

  const before = await to.seen();
  expect(await to.import([file])).toEqual({ records: 0, objects: 0 });
  expect(await to.seen()).toEqual(before);
});

test('the same records give the same bytes, in whatever order they come', async () => {
  const from = machine();
  const records = [await make(from, 'a', { a: '1', b: '2' }), await make(from, 'b', { c: '3', b: '2' })];
  const one = await exported(from, records, 'one.tar');
  const two = await exported(from, [...records, records[0]!].reverse(), 'two.tar');
  expect(await readFile(two)).toEqual(await readFile(one));
});

test('an archive replaces the file of its name only when it is whole', async () => {
  const from = machine();
  const record = await make(from, 'a', { a: 'one', b: 'two' });
  const file = await exported(from, [record]);
  const good = await readFile(file);
  await flipByte(objectPath(layoutOf(join(from.dir, 'store')), record.outputs[1]!.digest));
  const write = (signal = never, name = file) =>
    writeExchange(name, { recipe: 'hello', records: [record] }, from.store, signal);
  await failureOfKind('StoreCorrupt', write());
  await failureOfKind('Cancelled', write(AbortSignal.abort()));
  await failureOfKind('Usage', write(never, join(from.dir, 'nowhere/a.tar')));
  await failureOfKind('Usage', write(never, join(file, 'a.tar')));
  const sound = await make(from, 'b', { c: 'three' });
  const onDirectory = writeExchange(join(from.dir, 'store'), { recipe: 'hello', records: [sound] }, from.store, never);
  await failureOfKind('Usage', onDirectory);
  expect(await readFile(file)).toEqual(good);
  expect((await readdir(from.dir)).sort()).toEqual(['a.tar', 'ledger', 'store']);
});

test('the digest that somebody trusted said comes first: of another file nothing is even parsed', async () => {
  const from = machine();
  const file = await exported(from, [await make(from, 'a', { a: 'one' })]);
  const digest = sha256(await readFile(file));
  expect(await machine().import([file], { want: [digest] })).toEqual({ records: 1, objects: 1 });
  await writeFile(file, 'not even an archive');
  const to = machine();
  const { member, reason } = await failureOfKind('ExchangeInvalid', to.import([file], { want: [digest] }));
  expect(member).toBeNull();
  expect(reason).toContain(`instead of ${digest}`);
  expect(await to.seen()).toEqual([]);
});

test('an output that is neither in the archives nor in the store is refused; where it is in the store, it is fine', async () => {
  const from = machine();
  const shared = await make(from, 'a', { a: 'shared' });
  const file = await exported(from, [await make(from, 'b', { a: 'shared', b: 'own' })]);
  const other = await exported(from, [shared], 'other.tar');
  expect(await machine().import([file, other])).toEqual({ records: 2, objects: 2 });

  const lost = recordOf('c', [{ kind: 'rpm', name: 'c.rpm', digest: sha256('lost'), size: 4 }]);
  const to = machine();
  const staged = { file, recipe: 'hello', records: [lost], objects: new Map() };
  const { importStaged } = await import('../../../pipeline/tools/exchange/import.ts');
  const take = () => importStaged([staged], to.store, to.ledger, never);
  expect(await failureOfKind('ExchangeInvalid', take())).toMatchObject({
    member: `records/${lost.key}.json`,
    reason: expect.stringContaining('c.rpm') as unknown,
  });
  expect(await to.seen()).toEqual([]);
  await to.store.put(Buffer.from('lost'));
  expect(await take()).toEqual({ records: 1, objects: 0 });
});

test('a record that exists with other outputs is a conflict that says which; nothing of any archive comes in', async () => {
  const [from, to] = [machine(), machine()];
  const fine = await exported(from, [await make(from, 'fine', { f: 'f' })], 'fine.tar');
  const file = await exported(from, [await make(from, 'a', { a: 'theirs', same: 's' })]);
  await make(to, 'a', { a: 'ours', same: 's' });
  const before = await to.seen();
  expect(await failureOfKind('ExchangeConflict', to.import([fine, file]))).toMatchObject({
    file,
    step: 'a',
    here: [`rpm a ${sha256('ours')}`],
    there: [`rpm a ${sha256('theirs')}`],
  });
  expect(await to.seen()).toEqual(before);

  // Between two archives as well.
  const second = machine();
  const other = await exported(second, [await make(second, 'a', { a: 'third' })]);
  const empty = machine();
  await failureOfKind('ExchangeConflict', empty.import([file, other]));
  expect(await empty.seen()).toEqual([]);
});

test('whoever is stopped on the way has no record without its objects, and the next import completes it', async () => {
  const from = machine();
  const records = [await make(from, 'a', { a: '1', b: '2' }), await make(from, 'b', { c: '3' })];
  const file = await exported(from, records);
  const to = machine();
  await failureOfKind('Cancelled', to.import([file], { signal: AbortSignal.abort() }));
  expect(await to.seen()).toEqual([]);

  let left = 1;
  const full: typeof to.store.adopt = (path, want) => {
    left -= 1;
    if (left >= 0) return to.store.adopt(path, want);
    throw new FactoryError({ kind: 'DiskFull', path, detail: 'ENOSPC' });
  };
  await failureOfKind('DiskFull', to.import([file], { store: { adopt: full } }));
  for (const { key } of records) expect(await to.ledger.get(key)).toBeUndefined();

  const abort = new AbortController();
  const stop: typeof to.store.adopt = async (path, want) => {
    abort.abort();
    return to.store.adopt(path, want);
  };
  await failureOfKind('Cancelled', to.import([file], { store: { adopt: stop }, signal: abort.signal }));
  for (const { key } of records) expect(await to.ledger.get(key)).toBeUndefined();

  // After the last object too: the records are what makes it visible.
  const late = new AbortController();
  const last = await make(from, 'last', { z: 'z' });
  const stopLate: typeof to.store.adopt = async (path, want) => {
    late.abort();
    return to.store.adopt(path, want);
  };
  const one = await exported(from, [last], 'one.tar');
  await failureOfKind('Cancelled', to.import([one], { store: { adopt: stopLate }, signal: late.signal }));
  expect(await to.ledger.get(last.key)).toBeUndefined();

  expect((await to.import([file])).records).toBe(2);
  for (const { key, outputs } of records) {
    expect(await to.ledger.get(key)).toBeDefined();
    for (const { digest, size } of outputs) expect(await to.store.has(asSha256(digest), size)).toBe(true);
  }
});

test('what is no file, or not there, is a usage error', async () => {
  const to = machine();
  for (const name of [to.dir, join(to.dir, 'nothing')]) await failureOfKind('Usage', to.import([name]));
});
