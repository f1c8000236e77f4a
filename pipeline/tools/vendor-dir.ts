import { createReadStream } from 'node:fs';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { canonicalJson } from '../run/canonical-json.ts';
import { errorCode, makeDir, syncDir, temporaryName, writeDurably } from '../store/durable.ts';
import { hashFile } from '../store/hash-file.ts';
import { writeHashed, type Written } from '../store/write.ts';
import { imageInArchive } from './docker/image-archive.ts';
import { INDEX, readVendorIndex, type VendorIndex } from './vendor-index.ts';

/** Folders that belong to us: whatever the index does not name in them is removed. */
const OURS = ['sources', 'images', 'keys'];

/** A file as the index describes it. */
interface Entry extends Omit<Written, 'digest'> {
  readonly path: string;
  readonly sha256: Sha256;
}

/**
 * A directory that is being filled. Every file is written under another name, fsynced and renamed; what is there already with
 * the right bytes stays. From the first change on until `finish` the index says that it is not complete.
 */
export class VendorDir {
  readonly #dir: string;
  readonly #recipe: string;
  readonly #signal: AbortSignal;
  readonly #before: VendorIndex | undefined;
  #marked = false;

  private constructor(dir: string, recipe: string, before: VendorIndex | undefined, signal: AbortSignal) {
    this.#dir = dir;
    this.#recipe = recipe;
    this.#before = before;
    this.#signal = signal;
  }

  /** Looks whether it may be filled; changes nothing. Failures: Usage (not ours to write to), VendorInvalid. */
  static async open(dir: string, artifacts: string, recipe: string, signal: AbortSignal): Promise<VendorDir> {
    const real = await realOf(dir);
    const inside = relative(artifacts, real);
    if (inside === '' || (inside !== '..' && !inside.startsWith(`..${sep}`)))
      throw refused(`${dir} lies in the artifacts directory, where factory prune clears up`);
    const names = await readdir(dir).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw refused(`${dir} cannot be used: ${(error as Error).message}`);
    });
    const before = await readVendorIndex(dir);
    if (before === undefined && names.length > 0) throw refused(`${dir} is not empty, and nothing that vendor made`);
    if (before !== undefined && before.recipe !== recipe)
      throw refused(`${dir} was made for the recipe ${before.recipe}, this is ${recipe}`);
    return new VendorDir(dir, recipe, before, signal);
  }

  /** Puts a file there, unless it is there. */
  async put(
    path: string,
    want: { readonly digest: Sha256; readonly size: number },
    open: () => Promise<Readable | Buffer>,
  ) {
    const entry: Entry = { path, sha256: want.digest, size: want.size };
    if (await this.#has(entry)) return { entry, written: false };
    const { digest } = await this.#write(path, await open());
    if (digest !== want.digest) throw new Error(`${path}: wrote ${digest} instead of ${want.digest}`);
    return { entry, written: true };
  }

  /** Puts an image there, unless the one of that id is there. */
  async putImage(path: string, id: string, save: () => Promise<Readable>) {
    const before = Object.values(this.#before?.images ?? {}).find((one) => one.path === path && one.id === id);
    const known = before && { path, sha256: before.sha256 as Sha256, size: before.size };
    if (known !== undefined && (await this.#has(known))) return { entry: { ...known, id }, written: false };
    const written = await this.#write(path, await save(), async (file) => {
      const found = await imageInArchive(createReadStream(file));
      if (found !== id) throw new Error(`the engine saved image ${found} instead of ${id}`);
    });
    return { entry: { path, sha256: written.digest, size: written.size, id }, written: true };
  }

  /** Removes what no longer belongs there, then writes the index. */
  async finish(index: Omit<VendorIndex, 'schema' | 'recipe' | 'complete'>): Promise<void> {
    const complete: VendorIndex = { schema: 1, recipe: this.#recipe, complete: true, ...index };
    const named = new Set(
      [...Object.values(index.sources), ...Object.values(index.images), ...index.keys].map(({ path }) => path),
    );
    for (const folder of OURS)
      for (const file of await filesBelow(this.#dir, folder)) {
        if (named.has(file)) continue;
        await this.#mark();
        await rm(join(this.#dir, file));
      }
    if (this.#marked || this.#before === undefined || canonicalJson(this.#before) !== canonicalJson(complete))
      await this.#index(complete);
  }

  async #has({ path, size, sha256 }: Entry): Promise<boolean> {
    const file = join(this.#dir, path);
    try {
      const found = await stat(file);
      return found.isFile() && found.size === size && (await hashFile(file)).digest === sha256;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async #write(
    path: string,
    bytes: Readable | Buffer,
    check: (file: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<Written> {
    // It may fail before anybody reads it; the loop that reads it gets the same error.
    if (!Buffer.isBuffer(bytes)) bytes.on('error', () => undefined);
    await this.#mark();
    const file = join(this.#dir, path);
    await makeDir(dirname(file));
    const temporary = join(dirname(file), temporaryName(file));
    const stop = (): void => {
      if (!Buffer.isBuffer(bytes)) bytes.destroy(new FactoryError({ kind: 'Cancelled' }));
    };
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      if (this.#signal.aborted) {
        stop();
        throw new FactoryError({ kind: 'Cancelled' });
      }
      const written = await writeHashed(bytes, temporary, { mode: 0o644 });
      await check(temporary);
      await rename(temporary, file);
      await syncDir(dirname(file));
      return written;
    } catch (error) {
      throw explained(error, this.#dir);
    } finally {
      this.#signal.removeEventListener('abort', stop);
      await rm(temporary, { force: true });
    }
  }

  /** Before the first change. */
  async #mark(): Promise<void> {
    if (this.#marked) return;
    await mkdir(this.#dir, { recursive: true }).catch((error: unknown) => {
      throw explained(error, this.#dir);
    });
    const empty = { lock: null, sources: {}, images: {}, keys: [] };
    await this.#index({ ...(this.#before ?? empty), schema: 1, recipe: this.#recipe, complete: false });
    this.#marked = true;
  }

  async #index(index: VendorIndex): Promise<void> {
    await writeDurably(join(this.#dir, INDEX), `${JSON.stringify(index, null, 2)}\n`);
  }
}

/** The path without symbolic links, as far as it exists. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path) throw refused(`${path}: ${(error as Error).message}`);
    return join(await realOf(parent), relative(parent, path));
  }
}

async function filesBelow(dir: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(dir, folder), { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** What a disk that cannot be written to says; all else stays as it is. */
function explained(error: unknown, dir: string): unknown {
  const denied = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);
  return denied.has(errorCode(error) ?? '')
    ? refused(`${dir} cannot be written to: ${(error as Error).message}`)
    : error;
}

function refused(message: string): FactoryError {
  const advice = 'Give a directory that does not exist, is empty, or was made by `bin/factory vendor` for this recipe.';
  return new FactoryError({ kind: 'Usage', message, advice });
}
