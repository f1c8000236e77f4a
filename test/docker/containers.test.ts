import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import { LABEL, ownedBy } from '../../pipeline/tools/docker/labels.ts';
import { containersContract } from '../contract/containers.contract.ts';
import { registryServer } from '../helpers/registry-server.ts';
import { tinyRootfs } from '../helpers/tiny-image.ts';

containersContract('docker engine', async () => {
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const owner = `contract-${randomBytes(4).toString('hex')}`;
  const containers = createContainers({ owner, runId: 'this-run' });
  const tag = (name: string): string => `fullnat-test/${owner}-${name}:1`;
  const never = new AbortController().signal;
  const image = await containers.importImage(await tinyRootfs(), { tag: tag('tiny'), labels: {} }, never);
  const registry = await registryServer();
  const { host, login = { user: '', password: '' } } = registry;
  const owned = () => docker.listContainers({ all: true, filters: ownedBy(owner, 'container') });
  return {
    containers,
    another: (runId) => createContainers({ owner, runId }),
    prepare: ({ shell }) => ({ image, command: ['/bin/bash', '-c', shell] }),
    removeBehind: async (step) => {
      const found = (await owned()).filter(({ Labels }) => Labels['fullnat-factory.step'] === step);
      await Promise.all(found.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
    },
    removeImage: async (id) => {
      await docker.getImage(id).remove({ force: true });
    },
    idsAreDigests: true,
    left: async () => (await owned()).map(({ Labels }) => Labels),
    leftVolumes: async () => {
      const { label } = ownedBy(owner, 'volume');
      const { Volumes } = await docker.listVolumes({ filters: { label: [...label, `${LABEL.temporary}=1`] } });
      return Volumes.map(({ Name }) => Name);
    },
    registry: { host, login },
    rootfs: tinyRootfs,
    tag,
    close: async () => {
      const leftovers = await owned();
      await Promise.all(leftovers.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
      const { Volumes } = await docker.listVolumes({ filters: ownedBy(owner, 'volume') });
      for (const { Name } of Volumes) await docker.getVolume(Name).remove();
      const images = await docker.listImages({ filters: ownedBy(owner, 'image') });
      for (const { Id } of images) await docker.getImage(Id).remove({ force: true });
      await registry[Symbol.asyncDispose]();
    },
  };
});
