import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asSha256 } from '../../../pipeline/plan/artifact.ts';
import { packTar } from '../../../pipeline/tools/docker/tar-pack.ts';
import { imageInArchive } from '../../../pipeline/tools/docker/image-archive.ts';
import { VendorDir } from '../../../pipeline/tools/vendor-dir.ts';
import { readVendorIndex } from '../../../pipeline/tools/vendor-index.ts';
import { createVendored } from '../../../pipeline/tools/vendored.ts';
import { failureOf } from '../recipe/hello-copy.ts';

let root: string;
let dir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'factory-vendor-'));
  dir = join(root, 'vendored');
});
afterEach(() => rm(root, { recursive: true }));

const never = new AbortController().signal;
const sha = (bytes: Buffer | string) => asSha256(createHash('sha256').update(bytes).digest('hex'));
const open = (signal = never) => VendorDir.open(dir, join(root, 'artifacts'), 'hello', signal);
const nothing = { lock: null, sources: {}, images: {}, keys: [] };
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A saved image, with what a test wants to be wrong about it. */
function archive(config: string, tags: string[] | null = null, images = 1): Promise<Readable> {
  const name = `${sha(config)}.json`;
  const manifest = Array.from({ length: images }, () => ({ Config: name, RepoTags: tags, Layers: [] }));
  const files = [
    { path: name, mode: 0o644, bytes: Buffer.from(config) },
    { path: 'manifest.json', mode: 0o644, bytes: json(manifest) },
  ];
  return packTar({ directories: [], files, uid: 0 });
}

describe('filling a directory', () => {
  const text = Buffer.from('int main;\n');
  const file = { digest: sha(text), size: text.length };
  const put = async (target: VendorDir) => {
    const { entry, written } = await target.put('sources/a/a.c', file, () => Promise.resolve(text));
    await target.finish({ ...nothing, sources: { a: entry } });
    return written;
  };

  test('files are written once, the index last; what does not belong goes', async () => {
    expect(await put(await open())).toBe(true);
    expect(await readVendorIndex(dir)).toMatchObject({ complete: true, sources: { a: { size: 10 } } });
    await writeFile(join(dir, 'sources/a/.a.c.12.tmp'), 'half');
    expect(await put(await open())).toBe(false);
    expect(await readdir(join(dir, 'sources/a'))).toEqual(['a.c']);
    await writeFile(join(dir, 'sources/a/a.c'), 'int niam;\n');
    expect(await put(await open())).toBe(true);
    expect(await readFile(join(dir, 'sources/a/a.c'))).toEqual(text);
  });

  test('until it is finished the index says so, and nothing half-written stays', async () => {
    await put(await open());
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('x');
        throw new Error('the source broke');
      })(),
    );
    const target = await open();
    const other = { digest: sha('other'), size: 5 };
    await expect(target.put('sources/b/b.c', other, () => Promise.resolve(broken))).rejects.toThrow('the source broke');
    expect(await readVendorIndex(dir)).toMatchObject({ complete: false });
    expect(await readdir(join(dir, 'sources/b'))).toEqual([]);
    expect(await put(await open())).toBe(false);
    expect(await readVendorIndex(dir)).toMatchObject({ complete: true });
  });

  test('a cancelled one stops', async () => {
    const target = await open(AbortSignal.abort());
    expect(await failureOf(put(target))).toEqual({ kind: 'Cancelled' });
  });

  test.each([
    [
      'in the artifacts',
      () => mkdir(join(root, 'artifacts')).then(() => (dir = join(root, 'artifacts/x'))),
      'artifacts',
    ],
    ['somebody else’s', () => writeFile(join((dir = root), 'a'), ''), 'not empty'],
    [
      'of another recipe',
      async () => {
        await mkdir(dir);
        await writeFile(join(dir, 'vendor.json'), json({ ...nothing, schema: 1, recipe: 'el6', complete: true }));
      },
      'el6',
    ],
  ])('one that is %s is refused', async (_, prepare, words) => {
    await prepare();
    expect(await failureOf(open())).toMatchObject({
      kind: 'Usage',
      message: expect.stringContaining(words) as unknown,
    });
  });

  test('an index that leads out of the directory is refused', async () => {
    await mkdir(dir);
    const bad = { path: '../etc/passwd', sha256: sha('x'), size: 1 };
    const index = { ...nothing, schema: 1, recipe: 'hello', complete: true, sources: { a: bad } };
    await writeFile(join(dir, 'vendor.json'), json(index));
    expect(await failureOf(open())).toMatchObject({ kind: 'VendorInvalid', path: 'vendor.json' });
  });
});

describe('a saved image', () => {
  const config = '{"rootfs":{}}';
  const id = `sha256:${sha(config)}`;

  test('is known by its configuration, not by its name', async () => {
    expect(await imageInArchive(await archive(config))).toBe(id);
    await expect(archive(config, ['debian:latest']).then(imageInArchive)).rejects.toThrow('debian:latest');
    await expect(archive(config, null, 2).then(imageInArchive)).rejects.toThrow('2 images');
    const other = packTar({ directories: [], files: [{ path: 'a', mode: 0o644, bytes: Buffer.from('a') }], uid: 0 });
    await expect(other.then(imageInArchive)).rejects.toThrow('no manifest');
  });

  test('is handed out only when it is the right one', async () => {
    const tar = await buffer(await archive(config));
    await mkdir(join(dir, 'images'), { recursive: true });
    await writeFile(join(dir, 'images/a.tar'), tar);
    const image = { dir, path: 'images/a.tar', sha256: sha(tar), size: tar.length, id, lockedId: id };
    const vendored = createVendored();
    expect(sha(await buffer(await vendored.openImage(image)))).toBe(image.sha256);
    const bad = [
      { ...image, lockedId: `sha256:${sha('x')}` },
      { ...image, size: 1 },
      { ...image, sha256: sha('x') },
      { ...image, id: `sha256:${sha('x')}`, lockedId: `sha256:${sha('x')}` },
      { ...image, path: 'images/b.tar' },
    ];
    for (const one of bad) expect(await failureOf(vendored.openImage(one))).toMatchObject({ kind: 'VendorInvalid' });
  });

  test('that changes while it is read ends with an error', async () => {
    const tar = await buffer(await archive(config));
    await mkdir(join(dir, 'images'), { recursive: true });
    await writeFile(join(dir, 'images/a.tar'), tar);
    const stream = await createVendored().openImage({
      ...{ dir, path: 'images/a.tar', sha256: sha(tar), size: tar.length, id, lockedId: id },
    });
    await writeFile(join(dir, 'images/a.tar'), Buffer.alloc(tar.length));
    expect(await failureOf(buffer(stream))).toMatchObject({ kind: 'VendorInvalid' });
  });
});
