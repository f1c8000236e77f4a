import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { repoFileName, repoFileText } from '../../pipeline/rpm/repo-file.ts';
import { createRepository, sweepPartial } from '../../pipeline/tools/repository.ts';
import { sweepTemporaryNames } from '../../pipeline/tools/sweep-temporary.ts';

export const RECIPE = 'tiny';
export const BASE_URL = 'http://127.0.0.1:8080/tiny';
/** The script with which hosts check the pointer, and its signature: here only names. */
export const CHECK = ['check-repository.sh.asc', 'check-repository.sh'];
export const EVIDENCE = 'evidence/verify-install-director.json';

/** What to publish: the files of `template` as snapshot `id`, below the repository root `root`. */
export interface Job {
  readonly root: string;
  readonly template: string;
  readonly files: readonly string[];
  readonly id: string;
  /** The signed pointer at it: signing itself takes a container. */
  readonly pointer: string;
}

/** What the stages snapshot and publish do to the disk, with files from a directory instead of the store. */
export async function publishAsStagesDo({ root, template, files, id, pointer }: Job): Promise<void> {
  const repository = createRepository(root, RECIPE);
  await sweepPartial(repository.root);
  const dir = repository.snapshotDir(id);
  await sweepTemporaryNames([repository.root, dir, join(dir, 'evidence')]);
  // A snapshot that is there has its record, so its stage would not run again.
  if (!(await repository.snapshots()).includes(id))
    await repository.addSnapshot(id, async (target) => {
      for (const path of files) {
        await mkdir(dirname(join(target, path)), { recursive: true });
        await copyFile(join(template, path), join(target, path));
      }
    });
  if ((await repository.current()) !== id) {
    await repository.addFile(id, EVIDENCE, Buffer.from('{"ok":true}'));
    await repository.addFile(id, 'index.html', Buffer.from('page'));
  }
  const before = await repository.pointer();
  const [, ...others] = await repository.putKey(await readFile(join(template, 'RPM-GPG-KEY-factory')));
  await repository.putRootFile(repoFileName(RECIPE), Buffer.from(repoFileText(RECIPE, BASE_URL, others)));
  for (const name of CHECK) await repository.putRootFile(name, Buffer.from(name));
  await repository.moveTo(id, BASE_URL, before?.states.snapshot === id ? before.text : pointer);
}

/**
 * The usual way, for comparison: packages are copied into the served directory and its index is made there in the order of
 * createrepo_c 0.17 (its lock is the directory .repodata; the old index is renamed away, then the new one in), then signed.
 */
export async function publishInPlace(dir: string, template: string, files: readonly string[]): Promise<void> {
  const [lock, live, old] = [join(dir, '.repodata'), join(dir, 'repodata'), join(dir, '.repodata.old')];
  const packages = files.filter((path) => path.endsWith('.rpm'));
  for (const path of packages) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await copyFile(join(template, path), join(dir, path));
  }
  await mkdir(lock);
  for (const name of ['primary.xml.gz', 'filelists.xml.gz', 'repomd.xml'])
    await copyFile(join(template, 'repodata', name), join(lock, name));
  await rm(old, { recursive: true, force: true });
  await rename(live, old).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await rename(lock, live);
  await rm(old, { recursive: true, force: true });
  await writeFile(join(live, 'repomd.xml.asc'), await readFile(join(template, 'repodata/repomd.xml.asc')));
  for (const name of await readdir(join(dir, 'RPMS')))
    if (!packages.includes(`RPMS/${name}`)) await rm(join(dir, 'RPMS', name));
}
