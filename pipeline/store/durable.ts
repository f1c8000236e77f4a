import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FactoryError } from '../run/failure.ts';

/** Makes a directory's entries (renames, new names) survive a power cut. */
export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `mkdir -p`, durable when it made something. */
export async function makeDir(dir: string, mode = 0o755): Promise<void> {
  const firstMade = await mkdir(dir, { recursive: true, mode });
  if (firstMade !== undefined) await syncDir(dirname(firstMade));
}

/** A name next to nothing else: hidden, and never the same twice. */
export function temporaryName(path: string): string {
  return `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Replaces `path` by a file with these bytes: temporary file, fsync, rename, fsync of the directory. A reader sees the old
 * bytes or the new ones, whatever dies. Leaves no temporary file when it fails. Failures: DiskFull.
 */
export async function writeDurably(
  path: string,
  bytes: string | Buffer,
  options: { readonly mode?: number; readonly temporary?: string } = {},
): Promise<void> {
  const temporary = join(options.temporary ?? dirname(path), temporaryName(path));
  try {
    const handle = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw namedDiskFull(error, path);
  }
  await syncDir(dirname(path));
}

/** Errors of writes to an open file do not say which file: a full disk becomes DiskFull with the path, all else stays. */
export function namedDiskFull(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new FactoryError({ kind: 'DiskFull', path, detail }, { cause: error });
}

/** The `code` of a system error; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
