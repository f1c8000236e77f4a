import { readFile, realpath } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join, sep } from 'node:path';
import { asSha256, type Sha256 } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import { FactoryError } from '../run/failure.ts';
import { errorCode } from '../store/durable.ts';

/**
 * The reference to a file of ours as it is now, for the params of a step. `path` is relative to `rootDir`, with forward
 * slashes. Failures: Usage (not there, or not below the root).
 */
export async function refOf(root: FileRef['root'], rootDir: string, path: string): Promise<FileRef> {
  const file = await pathInside(rootDir, path);
  if (file === undefined) throw new FactoryError({ kind: 'Usage', message: `no file ${path} in ${rootDir}` });
  return { root, path, sha256: sha256Of(await readFile(file)) };
}

/** Digest of bytes in memory. */
export function sha256Of(bytes: Buffer): Sha256 {
  return asSha256(createHash('sha256').update(bytes).digest('hex'));
}

/**
 * Absolute path, without symbolic links, of a file below a root; undefined when there is none. Failures: Usage for a path
 * that leaves the root, by its words or by a symbolic link.
 */
export async function pathInside(rootDir: string, path: string): Promise<string | undefined> {
  if (!isPlainPath(path)) throw outside(rootDir, path);
  try {
    const root = await realpath(rootDir);
    const file = await realpath(join(root, path));
    if (!file.startsWith(root + sep)) throw outside(rootDir, path);
    return file;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Relative, forward slashes, no empty or dotted words. */
export function isPlainPath(path: string): boolean {
  return !/[\\\0]/.test(path) && path.split('/').every((word) => word !== '' && word !== '.' && word !== '..');
}

function outside(rootDir: string, path: string): FactoryError {
  return new FactoryError({ kind: 'Usage', message: `not a plain path below ${rootDir}: ${JSON.stringify(path)}` });
}
