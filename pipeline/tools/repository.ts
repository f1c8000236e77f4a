import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FactoryError } from '../run/failure.ts';
import { errorCode, makeDir, syncDir, writeDurably } from '../store/durable.ts';
import type { Repository } from './tools.ts';
import { addSnapshotFile, invalid, snapshotFile } from './snapshot-files.ts';
import { differences, syncTree } from './tree.ts';

const NAME = /^[0-9A-Za-z_-][0-9A-Za-z._-]*$/;

/**
 * The repository at `<root>/<recipe>`: `snapshots/<id>/`, `current` and `mirrorlist`. Its `root` is that directory; it is
 * made with the first snapshot. Failures: SnapshotInvalid (bad or unknown id, other contents under a known id), DiskFull.
 */
export function createRepository(root: string, recipe: string): Repository {
  const base = join(root, checkedName(recipe));
  const snapshots = join(base, 'snapshots');
  const pointer = join(base, 'current');
  const snapshotDir = (id: string): string => join(snapshots, checkedName(id));

  const repository: Repository = {
    root: base,
    snapshotDir,

    async snapshots() {
      const ids = (await namesIn(snapshots)).filter((name) => NAME.test(name));
      const aged = await Promise.all(ids.map(async (id) => ({ id, at: (await stat(join(snapshots, id))).mtimeMs })));
      return aged.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
    },

    async current() {
      const id = (await readIfThere(pointer))?.trimEnd();
      return id !== undefined && (await isDirectory(snapshotDir(id))) ? id : undefined;
    },

    async addSnapshot(id, fill) {
      const target = snapshotDir(id);
      const partial = join(snapshots, `.${id}.partial`);
      await rm(partial, { recursive: true, force: true });
      await makeDir(snapshots);
      await mkdir(partial);
      try {
        await fill(partial);
        if (await isDirectory(target)) await mustBeEqual(id, partial, target);
        else await commit(partial, target, snapshots);
      } finally {
        await rm(partial, { recursive: true, force: true });
      }
    },

    async removeSnapshot(id) {
      const dir = snapshotDir(id);
      if (!(await isDirectory(dir))) throw invalid(id, ['there is no such snapshot']);
      if ((await repository.current()) === id) throw invalid(id, ['is the current one and stays']);
      const removed = join(snapshots, `.${id}.removed`);
      await rm(removed, { recursive: true, force: true });
      await rename(dir, removed);
      await syncDir(snapshots);
      await rm(removed, { recursive: true });
    },

    file: (id, path, want) => snapshotFile({ id, dir: snapshotDir(id) }, path, want),

    async addFile(id, path, bytes) {
      const isCurrent = (await repository.current()) === id;
      await addSnapshotFile({ id, dir: snapshotDir(id) }, path, bytes, isCurrent);
    },

    async putRootFile(name, bytes) {
      const taken = ['current', 'mirrorlist', 'snapshots'].includes(name);
      if (taken || !NAME.test(name)) throw new TypeError(`not a name for a file beside the snapshots: ${name}`);
      await makeDir(base);
      await writeDurably(join(base, name), bytes);
    },

    /**
     * `current` is the one commit point: before its rename the old snapshot is published, after it the new one. `mirrorlist`
     * says the same in yum's words and is written afterwards, always, even if `current` is already right: dying in between
     * leaves yum with the old, complete snapshot, and the next call (the interrupted step has no record, so it runs again)
     * brings it along.
     */
    async moveTo(id, baseUrl) {
      if (!(await isDirectory(snapshotDir(id)))) throw invalid(id, ['there is no such snapshot']);
      const url = checkedUrl(baseUrl);
      await writeDurably(pointer, `${id}\n`);
      await writeDurably(join(base, 'mirrorlist'), `${url}/snapshots/${id}/\n`);
    },
  };
  return repository;
}

/**
 * Removes what a dead run did not finish to write or to remove in a recipe's repository; returns the removed names. Only for
 * the holder of the lock. `repositoryRoot`: the `root` of a Repository.
 */
export async function sweepPartial(repositoryRoot: string): Promise<readonly string[]> {
  const snapshots = join(repositoryRoot, 'snapshots');
  const partial = (await namesIn(snapshots)).filter((name) => /^\..+\.(partial|removed)$/.test(name));
  for (const name of partial) await rm(join(snapshots, name), { recursive: true, force: true });
  const torn = (await namesIn(repositoryRoot)).filter((name) => /^\..+\.tmp$/.test(name));
  for (const name of torn) await rm(join(repositoryRoot, name), { force: true });
  return [...partial, ...torn];
}

async function commit(partial: string, target: string, snapshots: string): Promise<void> {
  await syncTree(partial);
  await rename(partial, target);
  await syncDir(snapshots);
}

/** A snapshot never changes: the same again is fine (the ledger was lost), anything else is not. */
async function mustBeEqual(id: string, fresh: string, published: string): Promise<void> {
  const paths = await differences(fresh, published);
  if (paths.length > 0) throw invalid(id, ['is there already with other contents', ...paths]);
}

function checkedName(name: string): string {
  if (!NAME.test(name)) throw invalid(name, ['not a name of letters, digits, dots, dashes and underscores']);
  return name;
}

function checkedUrl(baseUrl: string): string {
  const message = `not a base URL for a mirror list: ${JSON.stringify(baseUrl)}`;
  if (/\s/.test(baseUrl) || !URL.canParse(baseUrl)) throw new FactoryError({ kind: 'Usage', message });
  return baseUrl.replace(/\/+$/, '');
}

async function isDirectory(path: string): Promise<boolean> {
  return (await orUndefined(stat(path)))?.isDirectory() ?? false;
}
async function namesIn(dir: string): Promise<readonly string[]> {
  return (await orUndefined(readdir(dir))) ?? [];
}
function readIfThere(path: string): Promise<string | undefined> {
  return orUndefined(readFile(path, 'utf8'));
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
