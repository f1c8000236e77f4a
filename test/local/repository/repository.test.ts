import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createRepository, sweepPartial } from '../../../pipeline/tools/repository.ts';
import { setPin } from '../../../pipeline/tools/repository-pins.ts';
import type { Repository, TarFile } from '../../../pipeline/tools/tools.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { signedPointer } from '../../helpers/signed-pointer.ts';
import { sharedKey } from '../../helpers/signing-key.ts';
import { memoryDir, tempDir } from '../../helpers/temp-dir.ts';
import { writeTiny } from '../../helpers/tiny-snapshot.ts';
import { sha256 } from '../../unit/store/rig.ts';

const URL = 'http://repo.example/el6';

const key = sharedKey();

/** Fills a snapshot with one package and all that it takes to be published. */
function filler(text: string): (dir: string) => Promise<void> {
  return (dir) => {
    const sums = `${sha256(text)}  RPMS/a.rpm\n${sha256(key.publicKey)}  RPM-GPG-KEY-factory\n`;
    const files = {
      'RPMS/a.rpm': text,
      'RPM-GPG-KEY-factory': key.publicKey,
      SHA256SUMS: sums,
      'SHA256SUMS.asc': key.sign(Buffer.from(sums)),
      'index.html': 'page',
    };
    writeTiny(new Map(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)])), dir);
    return Promise.resolve();
  };
}
async function withSnapshots(...ids: string[]): Promise<Repository> {
  const repository = createRepository(memoryDir(), 'el6');
  for (const id of ids) await repository.addSnapshot(id, filler(id));
  return repository;
}
/** Moves to a snapshot with a pointer that follows the one before. */
let serial = 0;
async function move(repository: Repository, snapshot: string, url = URL): Promise<void> {
  await repository.putKey(Buffer.from(key.publicKey));
  serial += 1;
  await repository.moveTo(snapshot, url, signedPointer(key, { recipe: 'el6', snapshot }, { serial }));
}
const read = (repository: Repository, path: string): string => readFileSync(join(repository.root, path), 'utf8');

test('snapshots appear complete, and are listed oldest first', async () => {
  const repository = await withSnapshots('z', 'm', 'a');
  for (const [index, id] of ['z', 'm', 'a'].entries())
    utimesSync(repository.snapshotDir(id), 1000 + index, 1000 + index);
  expect(await repository.snapshots()).toEqual(['z', 'm', 'a']);
  expect(read(repository, 'snapshots/m/RPMS/a.rpm')).toBe('m');
  expect(await repository.current()).toBeUndefined();
});

test('while it is filled a snapshot is not there; one that fails leaves nothing', async () => {
  const repository = await withSnapshots();
  await repository.addSnapshot('s1', async (dir) => {
    expect(dir).toBe(join(repository.root, 'snapshots/.s1.partial'));
    expect(await repository.snapshots()).toEqual([]);
  });
  const broken = repository.addSnapshot('s2', async (dir) => {
    await filler('half')(dir);
    throw new Error('no metadata');
  });
  await expect(broken).rejects.toThrow('no metadata');
  expect(readdirSync(join(repository.root, 'snapshots'))).toEqual(['s1']);
});

test('a snapshot never changes: the same again is fine, other contents are not', async () => {
  const repository = await withSnapshots('s1');
  await repository.addSnapshot('s1', filler('s1'));
  const failure = await failureOfKind('SnapshotInvalid', repository.addSnapshot('s1', filler('other')));
  expect(failure.problems).toContain('RPMS/a.rpm');
  expect(readdirSync(join(repository.root, 'snapshots'))).toEqual(['s1']);
  expect(read(repository, 'snapshots/s1/RPMS/a.rpm')).toBe('s1');
});

test('the pointer moves forth and back, and the mirror list with it', async () => {
  const repository = await withSnapshots('s1', 's2');
  for (const id of ['s1', 's2', 's1']) {
    await move(repository, id, `${URL}/`);
    expect(await repository.current()).toBe(id);
    expect(read(repository, 'current')).toBe(`${id}\n`);
    expect(read(repository, 'mirrorlist')).toBe(`${URL}/snapshots/${id}/\n`);
  }
  expect(readdirSync(repository.root).sort()).toEqual([
    'RPM-GPG-KEY-factory',
    'current',
    'keys',
    'mirrorlist',
    'pointer.asc',
    'snapshots',
  ]);
});

test('the pointer does not move to what is not there, or to a URL that is none', async () => {
  const repository = await withSnapshots('s1');
  await move(repository, 's1');
  await failureOfKind('SnapshotInvalid', move(repository, 's2'));
  await failureOfKind('Usage', move(repository, 's1', 'not a url'));
  await failureOfKind('Usage', move(repository, 's1', 'http://a/\nhttp://b/'));
  expect(await repository.current()).toBe('s1');
});

test('the pointer moves only with a statement that hosts will believe', async () => {
  const repository = await withSnapshots('s1', 's2');
  await move(repository, 's1');
  const to = { recipe: 'el6', snapshot: 's2' };
  const refused = async (text: string): Promise<string> =>
    (await failureOfKind('SnapshotInvalid', repository.moveTo('s2', URL, text))).problems.join();
  expect(await refused('')).toContain('not a statement that a key published here signed');
  expect(await refused(signedPointer(sharedKey('foreign <foreign@fullnat-factory.invalid>'), to))).toContain(
    'not a statement',
  );
  expect(await refused(signedPointer(key, { ...to, snapshot: 's1' }))).toContain('names s1 of el6');
  expect(await refused(signedPointer(key, { ...to, recipe: 'lts' }))).toContain('names s2 of lts');
  expect(await refused(signedPointer(key, to, { serial }))).toContain(`serial ${serial} does not follow ${serial}`);
  expect((await repository.pointer())?.states.snapshot).toBe('s1');
  expect(await repository.current()).toBe('s1');
});

test('dying between pointer and mirror list heals with the next move', async () => {
  const repository = await withSnapshots('s1', 's2');
  await move(repository, 's1');
  writeFileSync(join(repository.root, 'current'), 's2\n');
  await move(repository, 's2');
  expect(read(repository, 'mirrorlist')).toBe(`${URL}/snapshots/s2/\n`);
});

test('a pointer to a snapshot that went away points nowhere; one that is no id is refused', async () => {
  const repository = await withSnapshots('s1');
  await move(repository, 's1');
  rmSync(repository.snapshotDir('s1'), { recursive: true });
  expect(await repository.current()).toBeUndefined();
  writeFileSync(join(repository.root, 'current'), '../../etc\n');
  await failureOfKind('SnapshotInvalid', repository.current());
});

test.each(['', '..', '.hidden', 'a/b', 'a b', '../x', 'ü'])('%j is no id', async (id) => {
  const repository = await withSnapshots();
  await failureOfKind('SnapshotInvalid', repository.addSnapshot(id, filler('x')));
  await failureOfKind('SnapshotInvalid', move(repository, id));
});

test('a snapshot is removed, but not the current one', async () => {
  const repository = await withSnapshots('s1', 's2');
  await move(repository, 's2');
  await repository.removeSnapshot('s1');
  await failureOfKind('SnapshotInvalid', repository.removeSnapshot('s2'));
  await failureOfKind('SnapshotInvalid', repository.removeSnapshot('s1'));
  expect(readdirSync(join(repository.root, 'snapshots'))).toEqual(['s2']);
});

test('what yum still reads after a crash in a move, and what is pinned, is not removed', async () => {
  const repository = await withSnapshots('s1', 's2', 's3', 's4');
  await move(repository, 's1');
  writeFileSync(join(repository.root, 'current'), 's2\n');
  expect(await setPin(repository.root, 's3', true)).toBe(true);
  expect(await setPin(repository.root, 's3', true)).toBe(false);
  expect([...(await repository.kept())].sort()).toEqual(['s1', 's2', 's3']);
  for (const id of ['s1', 's2', 's3']) await failureOfKind('SnapshotInvalid', repository.removeSnapshot(id));
  await repository.removeSnapshot('s4');
  await setPin(repository.root, 's3', false);
  await repository.removeSnapshot('s3');
  expect(readdirSync(join(repository.root, 'snapshots'))).toEqual(['s1', 's2']);
});

test.each([
  ['damaged', (dir: string) => flipByte(join(dir, 'RPMS/a.rpm')), /RPMS\/a\.rpm/],
  ['not proven', (dir: string) => flipByte(join(dir, 'index.html'), 'remove'), /never proven/],
  [
    'proven wrong',
    async (dir: string) => {
      await mkdir(join(dir, 'evidence'));
      writeFileSync(join(dir, 'evidence/verify-install-director.json'), '{"ok":false}');
    },
    /verify-install-director\.json/,
  ],
])('the pointer does not move to a snapshot that is %s', async (_, spoil, problem) => {
  const repository = await withSnapshots('s1', 's2');
  await move(repository, 's1');
  await spoil(repository.snapshotDir('s2'));
  const failure = await failureOfKind('SnapshotInvalid', move(repository, 's2'));
  expect(failure.problems.join()).toMatch(problem);
  expect([await repository.current(), read(repository, 'mirrorlist')]).toEqual(['s1', `${URL}/snapshots/s1/\n`]);
});

test('what a dead run left is swept', async () => {
  const repository = await withSnapshots('s1');
  expect(await sweepPartial(join(tempDir(), 'none'))).toEqual([]);
  mkdirSync(join(repository.root, 'snapshots/.s2.partial/RPMS'), { recursive: true });
  mkdirSync(join(repository.root, 'snapshots/.s0.removed'));
  writeFileSync(join(repository.root, '.current.0123.tmp'), 's');
  mkdirSync(join(repository.root, 'keys'));
  writeFileSync(join(repository.root, 'keys/.x.0123.tmp'), 'k');
  expect([...(await sweepPartial(repository.root))].sort()).toEqual([
    '.current.0123.tmp',
    '.s0.removed',
    '.s2.partial',
    'keys/.x.0123.tmp',
  ]);
  expect(readdirSync(repository.root)).toEqual(['keys', 'snapshots']);
  expect(readdirSync(join(repository.root, 'keys'))).toEqual([]);
  expect(await repository.snapshots()).toEqual(['s1']);
});

test('a published file is hashed while it is read', async () => {
  const repository = await withSnapshots('s1');
  const file = (path: string, text: string): TarFile['bytes'] =>
    repository.file('s1', path, { digest: sha256(text), size: text.length });
  expect((await bytesOf(file('RPMS/a.rpm', 's1'))).toString()).toBe('s1');
  await failureOfKind('SnapshotInvalid', bytesOf(file('RPMS/b.rpm', 's1')));
  await failureOfKind('SnapshotInvalid', bytesOf(file('RPMS/a.rpm', 'longer')));
  await flipByte(join(repository.snapshotDir('s1'), 'RPMS/a.rpm'));
  await failureOfKind('SnapshotInvalid', bytesOf(file('RPMS/a.rpm', 's1')));
});

test('evidence is added to a snapshot, and made anew, only while it is not current', async () => {
  const repository = await withSnapshots('s1');
  const add = (text: string, path = 'evidence/boot.json') => repository.addFile('s1', path, Buffer.from(text));
  await add('{}');
  await add('{}');
  await add('{"ok":true}');
  await failureOfKind('SnapshotInvalid', repository.addFile('s2', 'x', Buffer.from('x')));
  await expect(add('x', '../escaped')).rejects.toThrow(TypeError);
  await move(repository, 's1');
  await add('{"ok":true}');
  await failureOfKind('SnapshotInvalid', add('{}'));
  await failureOfKind('SnapshotInvalid', add('new', 'evidence/late.json'));
  expect(read(repository, 'snapshots/s1/evidence/boot.json')).toBe('{"ok":true}');
});

test('files beside the snapshots are replaced whole; the pointer is none of them', async () => {
  const repository = await withSnapshots();
  await repository.putRootFile('RPM-GPG-KEY-factory', Buffer.from('one'));
  await repository.putRootFile('RPM-GPG-KEY-factory', Buffer.from('two'));
  expect(read(repository, 'RPM-GPG-KEY-factory')).toBe('two');
  for (const name of ['current', 'mirrorlist', 'pointer.asc', 'pinned', 'snapshots', '../x', ''])
    await expect(repository.putRootFile(name, Buffer.from('x'))).rejects.toThrow(TypeError);
});

async function bytesOf(bytes: TarFile['bytes']): Promise<Buffer> {
  return Buffer.isBuffer(bytes) ? bytes : buffer(await bytes.open());
}
