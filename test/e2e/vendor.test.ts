import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lock, LockedBuilt } from '../../pipeline/recipe/lock.ts';
import type { VendorIndex } from '../../pipeline/tools/vendor-index.ts';
import { imagesThere, removeImageTrees } from '../helpers/engine-objects.ts';
import { serve, startFaultyServer } from '../helpers/faulty-server.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { expectCode, type Finished, stepsOf, withNewEpoch, workplace, type Workplace } from '../helpers/run-factory.ts';

/**
 * The small recipe with images of its own: a clock that no other recipe has makes another base, and so another builder; a
 * registry that nobody serves keeps the base from being one that others have. Its source comes by HTTP, from a server that is
 * gone afterwards. Each test goes on from the one before.
 */
let place: Workplace;
let dir: string;
let lockFile: string;
let rpms: Record<string, string>;
const images: string[] = [];

beforeAll(async () => {
  place = await workplace();
  dir = join(place.dir, 'vendored');
  lockFile = join(place.recipe, 'lock.json');
  await using server = await startFaultyServer();
  const url = server.on('/hello.c', serve(await readFile(join(place.recipe, 'hello.c'))));
  const file = join(place.recipe, 'recipe.yaml');
  const yaml = withNewEpoch(await readFile(file, 'utf8'))
    .replace('docker.io/library/debian', '127.0.0.1:9/library/debian')
    .replace(/ {4}kind: file\n {4}path: hello\.c/, `    kind: http\n    urls: [${url}]\n    file: hello.c`);
  await writeFile(file, yaml);
  // From a mirror whose name must not get into the lock.
  const mirror = join(place.dir, 'private-mirror');
  await mkdir(mirror);
  await cp(join(place.recipe, 'hello.c'), join(mirror, 'hello.c'));
  expectCode(await place.run(['lock', '--mirror', mirror]), 0);

  const built = await place.run(['build', '--frozen', '--json']);
  expectCode(built, 0);
  rpms = rpmsOf(built);
  const vendored = await place.run(['vendor', dir]);
  expectCode(vendored, 0);
  expect(vendored.stdout).toContain(`--offline --frozen --mirror ${dir}\n`);
  images.push(...Object.values((await index()).images).map(({ id }) => id));
});
afterAll(async () => {
  await removeImageTrees(images);
  await place[Symbol.asyncDispose]();
});

const index = async (): Promise<VendorIndex> =>
  JSON.parse(await readFile(join(dir, 'vendor.json'), 'utf8')) as VendorIndex;
const readLock = async (): Promise<Lock> => JSON.parse(await readFile(lockFile, 'utf8')) as Lock;

function rpmsOf({ events }: Finished): Record<string, string> {
  const outputs = events.flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []));
  return Object.fromEntries(outputs.flatMap(({ kind, name, digest }) => (kind === 'rpm' ? [[name, digest]] : [])));
}

/** A build without a network by somebody who has nothing but the directory. */
async function elsewhere(...args: string[]): Promise<Finished> {
  await rm(place.artifacts, { recursive: true, force: true });
  const all = ['build', '--offline', '--frozen', '--mirror', dir, ...args];
  return place.run(all, { withoutNetwork: true });
}

/** Damages the directory, runs, and puts it in order again. */
async function refusal(file: string, damage: (path: string) => Promise<void>, target: string): Promise<string> {
  const path = join(dir, file);
  await cp(path, `${path}.good`);
  await cp(join(dir, 'vendor.json'), join(place.dir, 'vendor.json.good'));
  try {
    await damage(path);
    const { code, stdout, stderr } = await elsewhere('--only', target);
    expect(code).toBe(3);
    expect(stdout).not.toMatch(/^ok /m);
    return stdout + stderr;
  } finally {
    await rename(`${path}.good`, path);
    await rename(join(place.dir, 'vendor.json.good'), join(dir, 'vendor.json'));
  }
}

test('the lock tells what was locked: mirrors of the recipe only, images with their packages', async () => {
  const lock = await readLock();
  expect(lock.sources.hello).toMatchObject({
    kind: 'http',
    trust: 'first-use',
    mirrors: [expect.stringMatching(/\/hello\.c$/)],
  });
  expect(lock.sources.hello).not.toHaveProperty('servedBy');
  expect(JSON.stringify(lock)).not.toContain('private-mirror');
  expect(lock.images['debian-base']).toHaveProperty('base', expect.stringMatching(/^tree:sha256:/));
  const builder = lock.images['debian-builder'] as LockedBuilt;
  expect(builder.from).toBe('debian');
  expect(builder.packages.some((line) => /^gcc amd64 \S+$/.test(line))).toBe(true);
});

test('again: nothing is written', async () => {
  const again = await place.run(['vendor', dir]);
  expectCode(again, 0);
  expect(again.stdout).toContain('all there already');
});

test('what is wrong in the directory is put right by the next run, and what does not belong there is gone', async () => {
  const file = join(dir, 'sources/hello/hello.c');
  await flipByte(file);
  await writeFile(join(dir, 'sources/hello/.hello.c.0123.tmp'), 'half');
  await writeFile(join(dir, 'vendor.json'), JSON.stringify({ ...(await index()), complete: false }));
  const refused = await place.run(['plan', '--mirror', dir]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('has not finished');
  const repaired = await place.run(['vendor', dir]);
  expectCode(repaired, 0);
  expect(repaired.stdout).toContain('1 written');
  expect(await readdir(join(dir, 'sources/hello'))).toEqual(['hello.c']);
  expect((await index()).complete).toBe(true);
});

test('directories that are not ours to fill are refused', async () => {
  for (const [other, words] of [
    [join(place.artifacts, 'v'), 'artifacts'],
    [place.recipe, 'not empty'],
    [join(place.recipe, 'recipe.yaml'), 'cannot be used'],
    ['/sys/vendored', 'cannot be'],
  ] as const) {
    const refused = await place.run(['vendor', other]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(words);
    expect(refused.stderr.match(/^error /gm)).toHaveLength(1);
  }
});

describe('on a machine that has nothing else', () => {
  beforeAll(async () => {
    await rename(place.artifacts, join(place.dir, 'artifacts-before'));
    await removeImageTrees(images);
  });

  test('a flipped byte, a missing end, another file: refused', async () => {
    const base = 'images/debian-base.tar';
    expect(await refusal(base, (path) => flipByte(path), 'base-image:debian')).toContain('instead of');
    expect(await refusal(base, (path) => truncate(path, 1000), 'base-image:debian')).toContain('1000 bytes instead of');
    expect(await refusal(base, (path) => rm(path), 'base-image:debian')).toContain('is missing');
    const source = 'sources/hello/hello.c';
    expect(await refusal(source, (path) => flipByte(path), 'fetch-http:hello')).toContain('wrong checksum');
    expect(await refusal(source, (path) => rm(path), 'fetch-http:hello')).toContain('no such file');
    expect(await imagesThere(images)).toEqual([]);
  });

  test('another image in the tar, with an index that says it is right: refused before the engine sees it', async () => {
    const swap = async (path: string, id: (given: string) => string): Promise<void> => {
      const bytes = await readFile(join(dir, 'images/debian-target.tar'));
      await writeFile(path, bytes);
      const known = await index();
      const { 'debian-base': before } = known.images;
      if (before === undefined) throw new Error('no base in the index');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const entry = { ...before, sha256, size: bytes.length, id: id(before.id) };
      await writeFile(
        join(dir, 'vendor.json'),
        JSON.stringify({ ...known, images: { ...known.images, 'debian-base': entry } }),
      );
    };
    const file = 'images/debian-base.tar';
    const target = (await index()).images['debian-target']?.id ?? '';
    expect(await refusal(file, (path) => swap(path, (id) => id), 'base-image:debian')).toContain(
      `holds image ${target} instead of`,
    );
    expect(await refusal(file, (path) => swap(path, () => target), 'base-image:debian')).toContain('the lock names');
    expect(await imagesThere(images)).toEqual([]);
  });

  test('without the directory nothing is made, and the engine is not asked to use its network', async () => {
    await rm(place.artifacts, { recursive: true, force: true });
    const { code, stderr } = await place.run(['build', '--offline', '--frozen']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error 2 inputs of the build cannot be had/m);
  });

  test('with it: the same packages, bit for bit', async () => {
    const built = await elsewhere('--json');
    expectCode(built, 0);
    expect(rpmsOf(built)).toEqual(rpms);
    expect(stepsOf(built, 'step-made')).toContain('verify-install:director');
    const how = built.events.flatMap((event) =>
      event.type === 'step-made' && /^(base|builder)-image:/.test(event.step) ? [event.record.facts.how] : [],
    );
    expect(new Set(how)).toEqual(new Set(['vendored']));
  });
});

test('an image that the lock does not name any more, packages that the archive does not have: told by name', async () => {
  const good = await readFile(lockFile, 'utf8');
  const lock = await readLock();
  const builder = lock.images['debian-builder'] as LockedBuilt;
  const change = async (packages: readonly string[], more: object = {}): Promise<Finished> => {
    const images = { ...lock.images, 'debian-builder': { ...builder, packages, ...more } };
    await writeFile(lockFile, JSON.stringify({ ...lock, images }));
    return place.run(['build', '--frozen', '--only', 'builder-image:debian-builder']);
  };
  const gone = await change(builder.packages.map((line) => line.replace(/^(zstd amd64) .*/, '$1 0.0-1')));
  expect(gone.code).toBe(3);
  expect(gone.stderr).toMatch(/image debian-builder: the archive no longer has 1 locked version: zstd 0\.0-1 -> \d/);
  const other = await change(builder.packages, { context: 'a'.repeat(64) });
  expect(other.code).toBe(3);
  expect(other.stderr).toContain('image debian-builder');
  await writeFile(lockFile, good);
});
