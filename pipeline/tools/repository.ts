import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { FactoryError } from '../run/failure.ts';
import { errorCode, makeDir, syncDir, writeDurably } from '../store/durable.ts';
import type { Repository } from './tools.ts';
import { publishKey } from './published-keys.ts';
import { readPins } from './repository-pins.ts';
import { POINTER, pointedAt, readPointer, verifiedPointer, writePointer } from './repository-pointer.ts';
import { proofProblems } from './repository-proof.ts';
import { addSnapshotFile, invalid, readSnapshotFile, snapshotFile } from './snapshot-files.ts';
import { differences, syncTree } from './tree.ts';
import { verifySnapshot } from './verify-snapshot.ts';

const NAME = /^[0-9A-Za-z_-][0-9A-Za-z._-]*$/;
/** Names beside the snapshots that only this module and its parts write. */
const OWN = ['current', 'mirrorlist', POINTER, 'pinned', 'keys', 'snapshots'];

/**
 * The repository at `<root>/<recipe>`: `snapshots/<id>/`, the pointer (`current`, `mirrorlist`, `pointer.asc`), `pinned` and
 * the public keys. Its `root` is that directory; it is made with the first snapshot. Failures: SnapshotInvalid (bad or unknown id, other contents under a known id), DiskFull.
 */
export function createRepository(root: string, recipe: string): Repository {
  const base = join(root, checkedName(recipe));
  const snapshots = join(base, 'snapshots');
  const snapshotDir = (id: string): string => join(snapshots, checkedName(id));
  const rootFile = (name: string): string => {
    if (OWN.includes(name) || !NAME.test(name))
      throw new TypeError(`not a name for a file beside the snapshots: ${name}`);
    return join(base, name);
  };

  const repository: Repository = {
    root: base,
    snapshotDir,

    async snapshots() {
      const ids = (await namesIn(snapshots)).filter((name) => NAME.test(name));
      const aged = await Promise.all(ids.map(async (id) => ({ id, at: (await stat(join(snapshots, id))).mtimeMs })));
      return aged.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
    },

    async current() {
      const id = (await readIfThere(join(base, 'current')))?.trimEnd();
      return id !== undefined && (await isDirectory(snapshotDir(id))) ? id : undefined;
    },

    kept: async () => new Set([...(await pointedAt(base)), ...(await readPins(base))]),

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
      if ((await repository.kept()).has(id)) throw invalid(id, ['is current or pinned and stays']);
      const removed = join(snapshots, `.${id}.removed`);
      await rm(removed, { recursive: true, force: true });
      await rename(dir, removed);
      await syncDir(snapshots);
      await rm(removed, { recursive: true });
    },

    file: (id, path, want) => snapshotFile({ id, dir: snapshotDir(id) }, path, want),

    read: (id, path) => readSnapshotFile({ id, dir: snapshotDir(id) }, path),

    async addFile(id, path, bytes) {
      const isCurrent = (await repository.current()) === id;
      await addSnapshotFile({ id, dir: snapshotDir(id) }, path, bytes, isCurrent);
    },

    async putKey(armored) {
      return publishKey(base, (await repository.snapshots()).map(snapshotDir), armored);
    },

    async putRootFile(name, bytes) {
      const path = rootFile(name);
      await makeDir(base);
      await writeDurably(path, bytes);
    },

    rootFile: (name) => orUndefined(readFile(rootFile(name))),

    pointer: () => readPointer(base),

    /**
     * Everything is read back from disk, against the signature, before the pointer moves: nobody can forget to. What was added
     * after the snapshot was made (evidence, its page) is made durable first.
     */
    async moveTo(id, baseUrl, signed) {
      const dir = snapshotDir(id);
      if (!(await isDirectory(dir))) throw invalid(id, ['there is no such snapshot']);
      const url = checkedUrl(baseUrl);
      await syncTree(dir);
      const statement = await statementProblems(base, { recipe, id }, signed);
      const problems = [...(await verifySnapshot(dir)), ...(await proofProblems(dir)), ...statement];
      if (problems.length > 0) throw invalid(id, problems);
      await writePointer(base, { snapshot: id, url, signed });
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
  const torn: string[] = [];
  for (const dir of [repositoryRoot, join(repositoryRoot, 'keys')])
    torn.push(...(await namesIn(dir)).filter((name) => /^\..+\.tmp$/.test(name)).map((name) => join(dir, name)));
  for (const path of torn) await rm(path, { force: true });
  return [...partial, ...torn.map((path) => relative(repositoryRoot, path))];
}

async function commit(partial: string, target: string, snapshots: string): Promise<void> {
  await syncTree(partial);
  await rename(partial, target);
  await syncDir(snapshots);
}

/** What is wrong with a new signed pointer: hosts would refuse it. */
async function statementProblems(
  base: string,
  { recipe, id }: { readonly recipe: string; readonly id: string },
  signed: string,
): Promise<string[]> {
  const found = await verifiedPointer(base, signed);
  if (found === undefined) return [`${POINTER}: not a statement that a key published here signed`];
  const { states } = found;
  if (states.recipe !== recipe || states.snapshot !== id)
    return [`${POINTER}: names ${states.snapshot} of ${states.recipe}`];
  const before = await readPointer(base);
  if (before === undefined || before.text === signed || before.states.serial < states.serial) return [];
  return [`${POINTER}: serial ${states.serial} does not follow ${before.states.serial}`];
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
