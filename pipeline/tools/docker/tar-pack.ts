import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import type { TarFile } from '../tools.ts';

/** A directory of an archive. */
export interface TarDirectory {
  /** Relative, forward slashes, no `..`. */
  readonly path: string;
  readonly mode: number;
}

/** What an archive holds. Everything in it belongs to `uid` (and the group of the same number). */
export interface TarContents {
  readonly directories: readonly TarDirectory[];
  readonly files: readonly TarFile[];
  readonly uid: number;
}

/**
 * A tar stream that is the same for the same contents: fixed times and owners, sorted by path. Files that are streams are
 * opened one after the other and never held in memory; an error of such a stream becomes the error of the tar stream.
 */
export async function packTar(contents: TarContents): Promise<Readable> {
  contents.directories.forEach(({ path }) => checkPath(path));
  contents.files.forEach(({ path }) => checkPath(path));
  const { pack: createPack } = await import('tar-stream');
  const pack = createPack();
  // The wrapper listens for errors of the pack at once; it must exist before anything can fail.
  const stream = Readable.from(pack, { objectMode: false });
  fill(pack, contents).catch((error: unknown) => pack.destroy(error as Error));
  return stream;
}

/** Directories above the files, as an archive needs them, without duplicates. */
export function parentsOf(paths: readonly string[]): string[] {
  const parents = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) parents.add(parts.slice(0, length).join('/'));
  }
  return [...parents].sort();
}

function checkPath(path: string): void {
  const bad = path === '' || path.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (bad) throw new TypeError(`not a path for an archive: ${JSON.stringify(path)}`);
}

async function fill(pack: Pack, contents: TarContents): Promise<void> {
  const owner = { uid: contents.uid, gid: contents.uid, mtime: new Date(0), uname: '', gname: '' };
  for (const { path, mode } of sorted(contents.directories)) {
    await buffered(pack, { ...owner, name: `${path}/`, mode, type: 'directory' }, Buffer.alloc(0));
  }
  for (const { path, mode, bytes, mtime } of sorted(contents.files)) {
    const header = { ...owner, name: path, mode, mtime: mtime ?? owner.mtime, type: 'file' } as const;
    if (Buffer.isBuffer(bytes)) await buffered(pack, header, bytes);
    else await pipeline(await bytes.open(), quiet(pack.entry({ ...header, size: bytes.size })));
  }
  pack.finalize();
}

function sorted<T extends { readonly path: string }>(entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function buffered(pack: Pack, header: Parameters<Pack['entry']>[0], bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = pack.entry(header, bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
    quiet(entry);
  });
}

/** A destroyed pack makes its entry emit an error too; without a listener that would end the process. */
function quiet<E extends ReturnType<Pack['entry']>>(entry: E): E {
  entry.on('error', () => undefined);
  return entry;
}
