import { LABEL } from '../../pipeline/tools/docker/labels.ts';
import { createFakeContainers } from '../helpers/fake-containers.ts';
import { containersContract } from './containers.contract.ts';
import { packTar } from '../../pipeline/tools/docker/tar-pack.ts';

containersContract('fake', () => {
  const registry = { host: 'fake.example:5000', login: { user: 'tester', password: 'secret' } };
  const containers = createFakeContainers({ owner: 'contract', runId: 'this-run', registry });
  const { engine } = containers;
  return Promise.resolve({
    containers,
    another: (runId) => createFakeContainers({ owner: 'contract', runId, engine }),
    prepare: (program) => ({ image: containers.image('program:latest', program.fake), command: [program.shell] }),
    removeBehind: (step) => {
      const found = [...engine.containers.values()].find(({ labels }) => labels['fullnat-factory.step'] === step);
      if (found !== undefined) engine.remove(found);
      return Promise.resolve();
    },
    removeImage: (id) => {
      engine.images.splice(
        engine.images.findIndex((image) => image.id === id),
        1,
      );
      return Promise.resolve();
    },
    idsAreDigests: false,
    registry,
    left: () => Promise.resolve([...engine.containers.values()].map(({ labels }) => labels)),
    leftVolumes: () =>
      Promise.resolve([...engine.volumes].filter(([, labels]) => LABEL.temporary in labels).map(([name]) => name)),
    rootfs: () => {
      const release = { path: 'etc/tiny-release', mode: 0o644, bytes: Buffer.from('tiny\n') };
      return packTar({ directories: [], files: [release], uid: 0 });
    },
    tag: (name) => `fake/${name}:1`,
    close: () => Promise.resolve(),
  });
});
