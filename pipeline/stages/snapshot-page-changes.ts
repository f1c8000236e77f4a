import type { SnapshotTree } from '../plan/snapshot.ts';
import { snapshotChanges, type SnapshotContents, snapshotContents } from '../plan/snapshot-changes.ts';
import type { SnapshotPageInput } from '../report/site.ts';
import type { Repository, Store } from '../tools/tools.ts';

/**
 * What is new for a host that has the snapshot which is current now; null where nothing was published yet. A snapshot that is
 * not what its id and its sums say any more is not compared.
 */
export async function changesSince(
  tree: SnapshotTree,
  repository: Repository,
  store: Store,
): Promise<SnapshotPageInput['changes']> {
  const previous = await repository.current();
  if (previous === undefined || previous === tree.id) return null;
  const before = await contents(async (path) => (await repository.read(previous, path))?.toString('utf8'));
  const after = await contents(async (path) => {
    const file = tree.files.find((one) => one.path === path);
    return file && (await store.read(file.digest)).toString('utf8');
  });
  return { previous, found: before && after ? snapshotChanges(before, after) : null };
}

async function contents(text: (path: string) => Promise<string | undefined>): Promise<SnapshotContents | undefined> {
  const sums = await text('SHA256SUMS');
  return sums === undefined ? undefined : snapshotContents(sums, await text('provenance.json'));
}
