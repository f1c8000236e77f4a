import { join } from 'node:path';
import { sweepTemporary } from '../store/index.ts';
import { sweepPartial } from '../tools/repository.ts';
import { sweepTemporaryNames } from '../tools/sweep-temporary.ts';
import type { Session } from './session.ts';

/**
 * Removes what a run left that ended without releasing the lock: containers, temporary files, half-written snapshots.
 * Partial downloads stay, because the next run resumes them. Returns what was removed, in words.
 */
export async function sweepDeadRun(session: Session): Promise<string[]> {
  const { artifacts, tools, recipe } = session;
  const temporary = [...(await sweepTemporary(artifacts.store)), ...(await sweepTemporary(artifacts.ledger))];
  const published = join(artifacts.repository, recipe.name);
  const partial = await sweepPartial(published);
  const snapshots = (await tools.repository(recipe.name).snapshots()).map((id) => join(published, 'snapshots', id));
  const evidence = snapshots.map((dir) => join(dir, 'evidence'));
  const dirs = [artifacts.root, artifacts.keys, published, ...snapshots, ...evidence];
  temporary.push(...(await sweepTemporaryNames(dirs)));
  const { containers, volumes, images } = await tools.containers.sweep();
  return [
    ...temporary.map((name) => `temporary file ${name}`),
    ...partial.map((name) => `unfinished snapshot ${name}`),
    ...containers.map((name) => `container ${name}`),
    ...volumes.map((name) => `volume ${name}`),
    ...images.map((name) => `image ${name}`),
  ];
}
