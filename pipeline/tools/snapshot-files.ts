import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { checkedChunks } from '../store/checked-chunks.ts';
import { makeDir, writeDurably } from '../store/durable.ts';
import { hashFile } from '../store/hash-file.ts';
import { isPlainPath, pathInside, sha256Of } from './file-ref.ts';
import type { TarFile } from './tools.ts';

/** A snapshot and where it lies. */
export interface SnapshotDir {
  readonly id: string;
  readonly dir: string;
}

/** The failure for a snapshot that is not as it should be. */
export function invalid(snapshot: string, problems: readonly string[]): FactoryError {
  return new FactoryError({ kind: 'SnapshotInvalid', snapshot, problems });
}

/** A file of a snapshot as a stream that re-hashes (see checkedChunks); its errors are SnapshotInvalid. */
export function snapshotFile(
  { id, dir }: SnapshotDir,
  path: string,
  want: { readonly digest: Sha256; readonly size: number },
): TarFile['bytes'] {
  return {
    size: want.size,
    async open() {
      const file = await pathInside(dir, path);
      if (file === undefined) throw invalid(id, [`${path}: missing`]);
      const { size } = await stat(file);
      if (size !== want.size) throw invalid(id, [`${path}: ${size} bytes instead of ${want.size}`]);
      const failureFor = (got: string): Error => invalid(id, [`${path}: is ${got} instead of ${want.digest}`]);
      return Readable.from(checkedChunks(file, want.digest, failureFor), { objectMode: false });
    },
  };
}

/** A small file of a snapshot, if it is what SHA256SUMS says and these are those of the id; else undefined. */
export async function readSnapshotFile({ id, dir }: SnapshotDir, path: string): Promise<Buffer | undefined> {
  const sums = await bytesBelow(dir, 'SHA256SUMS');
  const content = /-([0-9a-f]{12})$/.exec(id)?.[1] ?? '';
  if (sums === undefined || !sha256Of(sums).startsWith(content)) return undefined;
  if (path === 'SHA256SUMS') return sums;
  const bytes = await bytesBelow(dir, path);
  const isNamed =
    bytes !== undefined &&
    sums
      .toString('utf8')
      .split('\n')
      .includes(`${sha256Of(bytes)}  ${path}`);
  return isNamed ? bytes : undefined;
}

async function bytesBelow(dir: string, path: string): Promise<Buffer | undefined> {
  const file = await pathInside(dir, path);
  return file === undefined ? undefined : readFile(file);
}

/**
 * Adds a file to a snapshot, durably. The same bytes again are fine. Nothing of the current snapshot is changed; in one that is
 * not current (yet, or any more) evidence that was made anew replaces the old.
 */
export async function addSnapshotFile(
  { id, dir }: SnapshotDir,
  path: string,
  bytes: Buffer,
  isCurrent: boolean,
): Promise<void> {
  if (!isPlainPath(path)) throw new TypeError(`not a plain path: ${JSON.stringify(path)}`);
  if ((await pathInside(dirname(dir), id)) === undefined) throw invalid(id, ['there is no such snapshot']);
  const there = await pathInside(dir, path);
  if (there !== undefined) {
    if ((await hashFile(there)).digest === sha256Of(bytes)) return;
  }
  if (isCurrent) throw invalid(id, [`${path}: not changed, the snapshot is published`]);
  await makeDir(dirname(join(dir, path)));
  await writeDurably(join(dir, path), bytes);
}
