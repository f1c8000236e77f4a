import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asSha256 } from '../../../pipeline/plan/artifact.ts';
import {
  EMPTY_LOCK,
  formatLock,
  lockedEntry,
  lockedImage,
  readLock,
  writeLock,
} from '../../../pipeline/recipe/lock.ts';
import { diffLocks } from '../../../pipeline/recipe/lock-diff.ts';
import type { Lock, LockedImage } from '../../../pipeline/recipe/lock.ts';
import { failureOf, problemsOf } from './hello-copy.ts';

const A = asSha256('a'.repeat(64));
const B = asSha256('b'.repeat(64));
const LOCK: Lock = {
  version: 2,
  sources: {
    tools: {
      kind: 'http',
      file: 'tools.tar.gz',
      sha256: A,
      size: 3,
      trust: 'first-use',
      mirrors: ['http://example.org/t'],
    },
    linux: { kind: 'apt', file: 'l.deb', sha256: B, size: 4, trust: 'apt', package: 'linux-source', version: '6.1-1' },
  },
  images: {
    'debian-base': { kind: 'base', id: `sha256:${A}`, base: `tree:sha256:${A}` },
    'debian-builder': {
      kind: 'built',
      id: `sha256:${B}`,
      from: 'debian',
      context: A,
      packages: ['bash amd64 5.2-1', 'zip amd64 3.0-13'],
    },
  },
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factory-lock-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('lock.json', () => {
  test('comes back as it was written, and leaves no other file', async () => {
    const file = join(dir, 'lock.json');
    await writeLock(file, EMPTY_LOCK);
    await writeLock(file, LOCK);
    expect(await readLock(file)).toEqual(LOCK);
    expect(await readdir(dir)).toEqual(['lock.json']);
  });

  test('is canonical: sorted keys, a line break at the end', async () => {
    const text = formatLock(LOCK);
    expect(text.endsWith('}\n')).toBe(true);
    expect(text.indexOf('"linux"')).toBeLessThan(text.indexOf('"tools"'));
    const { linux, tools } = LOCK.sources;
    expect(formatLock({ sources: { linux: linux!, tools: tools! }, images: LOCK.images, version: 2 })).toBe(text);
    await writeLock(join(dir, 'lock.json'), LOCK);
    expect(await readFile(join(dir, 'lock.json'), 'utf8')).toBe(text);
  });

  test('no file is an empty lock', async () => {
    expect(await readLock(join(dir, 'lock.json'))).toEqual(EMPTY_LOCK);
  });

  test('is checked like a recipe, with lines', async () => {
    const file = join(dir, 'lock.json');
    await writeFile(
      file,
      formatLock({ ...LOCK, images: {} })
        .replace(A, 'abc')
        .replace('"first-use"', '"first"'),
    );
    expect(problemsOf(await failureOf(readLock(file)))).toEqual([
      '19:17 sources.tools.sha256: "abc" must be 64 lower-case hex digits',
      '21:16 sources.tools.trust: "first" is not one of: signature, published-checksum, first-use, apt; did you mean "first-use"?',
    ]);
    await writeFile(file, '{"version": 3, "sources": {}, "images": {}}');
    expect(problemsOf(await failureOf(readLock(file)))).toEqual(['1:13 version: 3 must be 1 or 2']);
    await writeFile(file, '{"version": 1,');
    expect((await failureOf(readLock(file))).kind).toBe('RecipeInvalid');
  });
});

test('where an image lies in a registry: by digest or not at all, and a change of it is told', async () => {
  const file = join(dir, 'lock.json');
  const builder = LOCK.images['debian-builder'] as Extract<LockedImage, { kind: 'built' }>;
  const pushed = `ghcr.io/acme/fullnat/debian-builder@sha256:${A}`;
  const lock: Lock = { ...LOCK, images: { ...LOCK.images, 'debian-builder': { ...builder, pushed } } };
  await writeLock(file, lock);
  expect(await readLock(file)).toEqual(lock);
  expect(diffLocks(LOCK, lock)).toEqual([
    `~ image debian-builder: 2 packages (${B.slice(0, 12)}) -> 2 packages (${B.slice(0, 12)}), ghcr.io/acme/fullnat/debian-builder@sha256:${A.slice(0, 12)}`,
  ]);
  for (const wrong of ['ghcr.io/acme/debian-builder:latest', `acme/debian-builder@sha256:${A}`]) {
    await writeFile(file, formatLock(lock).replace(pushed, wrong));
    expect(problemsOf(await failureOf(readLock(file)))).toEqual([
      expect.stringMatching(/images\.debian-builder\.pushed: .* must be registry\/path@sha256:/) as string,
    ]);
  }
});

test('version 1, which knew no images, is still read', async () => {
  const file = join(dir, 'lock.json');
  const { linux } = LOCK.sources;
  const urls = ['http://example.org/t'];
  const web = { kind: 'http', file: 't.gz', sha256: A, size: 3, trust: 'first-use' } as const;
  await writeFile(file, JSON.stringify({ version: 1, sources: { linux, tools: { ...web, urls } } }));
  expect(await readLock(file)).toEqual({
    version: 2,
    sources: { linux, tools: { ...web, mirrors: urls } },
    images: {},
  });
});

test('a lock that the user named has to be there', async () => {
  expect(await failureOf(readLock(join(dir, 'other.json'), true))).toMatchObject({ kind: 'Usage' });
});

test('the entry of an image counts only for an image of that kind', () => {
  expect(lockedImage(LOCK, 'debian-base', 'base')?.base).toBe(`tree:sha256:${A}`);
  expect(lockedImage(LOCK, 'debian-base', 'given')).toBeUndefined();
  expect(lockedImage(LOCK, 'centos-base', 'base')).toBeUndefined();
});

test('an entry counts only for the source that it was made of', () => {
  const apt = { kind: 'apt', name: 'linux', apt: 'binary', package: 'linux-source', file: null } as const;
  const http = { kind: 'http', name: 'tools', mirrors: [], file: 'tools.tar.gz', sha256: null, size: null } as const;
  expect(lockedEntry(LOCK, apt)?.version).toBe('6.1-1');
  expect(lockedEntry(LOCK, { ...apt, package: 'linux-source-6.6' })).toBeUndefined();
  expect(lockedEntry(LOCK, { ...apt, name: 'tools' })).toBeUndefined();
  expect(lockedEntry(LOCK, http)?.sha256).toBe(A);
  expect(lockedEntry(LOCK, { ...http, file: 'tools-2.tar.gz' })).toBeUndefined();
});

test('a difference is one line per source', () => {
  const { linux, tools } = LOCK.sources;
  const builder = LOCK.images['debian-builder'] as Extract<LockedImage, { kind: 'built' }>;
  const after: Lock = {
    version: 2,
    sources: { linux: { ...linux!, version: '6.1-2', sha256: A }, more: tools! },
    images: { 'debian-builder': { ...builder, id: `sha256:${A}`, packages: ['bash amd64 5.2-2', 'xz amd64 5.4'] } },
  };
  expect(diffLocks(LOCK, after)).toEqual([
    '~ linux: 6.1-1 sha256 bbbbbbbbbbbb (apt) -> 6.1-2 sha256 aaaaaaaaaaaa (apt)',
    '+ more: tools.tar.gz sha256 aaaaaaaaaaaa (first-use)',
    '- tools: tools.tar.gz sha256 aaaaaaaaaaaa (first-use)',
    '- image debian-base: tree:sha256:aaaaaaaaaaaa (aaaaaaaaaaaa)',
    '~ image debian-builder: 2 packages (bbbbbbbbbbbb) -> 2 packages (aaaaaaaaaaaa): bash.amd64 5.2-1 -> 5.2-2, +xz.amd64 5.4, -zip.amd64 3.0-13',
  ]);
  expect(diffLocks(LOCK, LOCK)).toEqual([]);
});
