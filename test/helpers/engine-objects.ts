import { readdir, readFile, realpath } from 'node:fs/promises';
import Docker from 'dockerode';
import { ownerOf } from '../../pipeline/cli/session.ts';

const docker = new Docker();

/** Label filter for what runs on this artifacts directory made. */
async function ownedBy(artifacts: string): Promise<string> {
  return `fullnat-factory.owner=${ownerOf(await realpath(artifacts))}`;
}

/** Containers (in any state) that runs on this artifacts directory left in the engine. */
export async function containersOf(artifacts: string): Promise<string[]> {
  const found = await docker.listContainers({ all: true, filters: { label: [await ownedBy(artifacts)] } });
  return found.map(({ Id, Names }) => `${Id.slice(0, 12)} ${Names.join()}`);
}

/** Volumes labelled as temporary of this owner. */
export async function volumesOf(artifacts: string): Promise<string[]> {
  const { Volumes } = await docker.listVolumes({
    filters: { label: [await ownedBy(artifacts), 'fullnat-factory.temporary=1'] },
  });
  return Volumes.map(({ Name }) => Name);
}

/** How many containers of this owner the engine created while `work` ran. */
export async function containersCreatedDuring(artifacts: string, work: () => Promise<void>): Promise<number> {
  const since = Date.now() / 1000;
  await work();
  const until = Date.now() / 1000;
  const stream = await docker.getEvents({
    since: since.toFixed(9),
    until: until.toFixed(9),
    filters: JSON.stringify({ type: ['container'], event: ['create'], label: [await ownedBy(artifacts)] }),
  } as unknown as Docker.GetEventsOptions);
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text.split('\n').filter((line) => line.trim() !== '').length;
}

/** Containers, in any state, of an image or of images on top of it, whoever made them. */
export async function containersFrom(image: string): Promise<string[]> {
  if (image === '') throw new Error('no image to look for');
  const found = await docker.listContainers({ all: true, filters: { ancestor: [image] } });
  return found.map(({ Id, Command }) => `${Id.slice(0, 12)} ${Command}`);
}

/** Processes of bootstraps that still run for this artifacts directory; others may bootstrap meanwhile. */
export async function bootstrapsRunning(artifacts: string): Promise<readonly string[]> {
  // What a bootstrap starts inherits the path that it is to write.
  const out = `OUT=${await realpath(artifacts)}/`;
  const running: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    // It may end while we look, and that of another user is none of ours.
    const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (!environ.split('\0').some((entry) => entry.startsWith(out))) continue;
    running.push(`${pid} ${(await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' ')}`);
  }
  return running;
}

/** Removes images, the last first. */
export async function removeImages(ids: readonly string[]): Promise<void> {
  for (const id of ids.toReversed()) await docker.getImage(id).remove({ force: true });
}

/** Those of the images that the engine has. */
export async function imagesThere(ids: readonly string[]): Promise<string[]> {
  const all = new Set((await docker.listImages({ all: true })).map(({ Id }) => Id));
  return ids.filter((id) => all.has(id));
}

/** Removes images with all that was built on them, also what a failed build left there. */
export async function removeImageTrees(ids: readonly string[]): Promise<void> {
  const all = await docker.listImages({ all: true });
  const below = (id: string): string[] =>
    all.flatMap(({ Id, ParentId }) => (ParentId === id ? [Id, ...below(Id)] : []));
  const trees = [...new Set(ids.flatMap((id) => [id, ...below(id)]))];
  // The engine takes parents without a tag away together with their last child: look again before each.
  for (const id of trees.toReversed()) await removeImages(await imagesThere([id]));
}
