import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Sha256 } from '../plan/artifact.ts';
import { asSha256 } from '../plan/artifact.ts';
import type { Pointer } from '../plan/pointer.ts';
import { FactoryError } from '../run/failure.ts';
import { otherKeys } from '../serve/dynamic.ts';
import { sha256Of } from '../tools/file-ref.ts';
import { aboutSnapshot, byAge } from '../tools/repository-about.ts';
import { pointerProblems } from '../tools/repository-pointer.ts';
import { proofProblems } from '../tools/repository-proof.ts';
import { invalid, snapshotFile } from '../tools/snapshot-files.ts';
import type { Repository, TarFile } from '../tools/tools.ts';
import { verifySnapshot } from '../tools/verify-snapshot.ts';
import { rootFiles } from './image-root.ts';

/** A file of an image: where it lies below the recipe's published tree, and its digest. */
export interface ImageFile extends TarFile {
  readonly digest: Sha256;
}

/** A snapshot, ready to be put into an image. */
interface ImageSnapshot {
  readonly id: string;
  /** Digest of its SHA256SUMS. */
  readonly content: Sha256;
  readonly files: readonly ImageFile[];
}

/** What of a published recipe goes into an image; paths are relative to the recipe's published tree. */
export interface ImageTree {
  readonly pointer: Pointer;
  /** What lies beside the snapshots. */
  readonly root: readonly ImageFile[];
  /** The current one first, then older ones, the newest first. */
  readonly snapshots: readonly [ImageSnapshot, ...ImageSnapshot[]];
  readonly otherKeys: readonly string[];
}

/**
 * Reads and verifies what is published: the signed pointer, which must not be over, the current snapshot and up to `older` of
 * those that were made before it and proven. Packages and metadata are not read into memory: they are hashed now, and once more
 * when they are used. Failures: Usage (nothing is published), SnapshotInvalid.
 */
export async function readImageTree(
  repository: Repository,
  recipe: string,
  older: number,
  now: Date,
): Promise<ImageTree> {
  const id = await repository.current();
  if (id === undefined)
    throw new FactoryError({
      kind: 'Usage',
      message: `nothing of recipe ${recipe} is published in ${repository.root}: there is nothing to make an image of`,
      advice: `Publish first: bin/factory publish --recipe ${recipe}; --artifacts names another directory of results.`,
    });
  const [ids, pointer] = [await repository.snapshots(), await repository.pointer()];
  const problems = await pointerProblems(repository.root, ids, now);
  if (pointer === undefined || problems.length > 0) throw invalid(id, problems);
  const current = await readSnapshot(repository, id);
  const before = await Promise.all(
    (await olderThan(repository, id, older)).map((one) => readSnapshot(repository, one)),
  );
  return {
    pointer: pointer.states,
    root: await rootFiles(repository.root, pointer, id),
    snapshots: [current, ...before],
    otherKeys: await otherKeys(join(repository.root, '..'), recipe),
  };
}

/** Snapshots that were made before one and proven, the newest first. */
async function olderThan(repository: Repository, id: string, count: number): Promise<readonly string[]> {
  const all = await Promise.all(
    (await repository.snapshots()).map((one) => aboutSnapshot(one, repository.snapshotDir(one))),
  );
  const sorted = all.sort(byAge).map((one) => one.id);
  const found: string[] = [];
  for (const one of sorted.slice(0, sorted.indexOf(id)).reverse())
    if (found.length < count && (await proofProblems(repository.snapshotDir(one))).length === 0) found.push(one);
  return found;
}

async function readSnapshot(repository: Repository, id: string): Promise<ImageSnapshot> {
  const dir = repository.snapshotDir(id);
  const problems = [...(await verifySnapshot(dir)), ...(await proofProblems(dir))];
  if (problems.length > 0) throw invalid(id, problems);
  const sums = await readFile(join(dir, 'SHA256SUMS'), 'utf8');
  const named = new Map(
    [...sums.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map(([, digest = '', path = '']) => [path, digest]),
  );
  const mtime = new Date((await aboutSnapshot(id, dir)).createdAt);
  const files: ImageFile[] = [];
  const entries = (await readdir(dir, { recursive: true, withFileTypes: true })).filter(
    (entry) => !entry.isDirectory(),
  );
  for (const { parentPath, name } of entries) {
    const path = relative(dir, join(parentPath, name));
    const want = named.get(path);
    const file = { path: `snapshots/${id}/${path}`, mode: 0o644, mtime };
    if (want === undefined) {
      // Signatures, evidence, the page: small, and not in the sums.
      const bytes = await readFile(join(dir, path));
      files.push({ ...file, bytes, digest: sha256Of(bytes) });
    } else {
      const digest = asSha256(want);
      const { size } = await stat(join(dir, path));
      files.push({ ...file, bytes: snapshotFile({ id, dir }, path, { digest, size }), digest });
    }
  }
  return { id, content: sha256Of(Buffer.from(sums)), files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}
