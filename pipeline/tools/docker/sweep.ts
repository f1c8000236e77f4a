import type { Swept } from '../tools.ts';
import type { Engine } from './connect.ts';
import { tolerate } from './errors.ts';
import { LABEL, labelFilter, ownedBy } from './labels.ts';

/**
 * Removes what earlier runs of the same owner left: containers of other runs, untagged images, and volumes that are marked
 * temporary. Other volumes are caches and stay. Things that are in use or already going (409, 404) are left out.
 */
export async function sweep(engine: Engine): Promise<Swept> {
  const containers = await sweepContainers(engine);
  return { containers, volumes: await sweepVolumes(engine), images: await sweepImages(engine) };
}

async function sweepContainers({ docker, identity }: Engine): Promise<string[]> {
  const found = await docker.listContainers({ all: true, filters: ownedBy(identity.owner, 'container') });
  const removed: string[] = [];
  for (const { Id, Labels } of found) {
    if (Labels[LABEL.run] === identity.runId) continue;
    if (await did(docker.getContainer(Id).remove({ force: true, v: true }))) removed.push(Id);
  }
  return removed;
}

async function sweepVolumes({ docker, identity }: Engine): Promise<string[]> {
  const { label } = ownedBy(identity.owner, 'volume');
  const temporary = labelFilter({ [LABEL.temporary]: '1' }).label;
  const { Volumes } = await docker.listVolumes({ filters: { label: [...label, ...temporary] } });
  const removed: string[] = [];
  for (const { Name } of Volumes) if (await did(docker.getVolume(Name).remove())) removed.push(Name);
  return removed;
}

async function sweepImages({ docker, identity }: Engine): Promise<string[]> {
  const found = await docker.listImages({ filters: { ...ownedBy(identity.owner, 'image'), dangling: ['true'] } });
  const removed: string[] = [];
  for (const { Id } of found) if (await did(docker.getImage(Id).remove())) removed.push(Id);
  return removed;
}

async function did(removal: Promise<unknown>): Promise<boolean> {
  return (
    (await tolerate(
      removal.then(() => true),
      404,
      409,
    )) ?? false
  );
}
