import { createHash } from 'node:crypto';
import { asSha256 } from '../plan/artifact.ts';
import { imageArtifact, imagePresent, KEY_LABEL } from './image.ts';
import { baseName, refFiles } from './script-run.ts';
import type { Stage } from './stage.ts';

/** Where the install script of every image of ours leaves the exact package set. */
const PACKAGES_FILE = '/usr/share/fullnat-factory/packages.txt';

/**
 * Builds an image from one of our folders below dockerfiles/. Its descriptor names base, context and exact package set, so
 * an image that is made again with the same contents changes no key downstream. An image that an earlier run made from the
 * same inputs is taken from the engine.
 */
export const builderImage: Stage<'builder-image'> = {
  name: 'builder-image',
  version: 1,
  weight: 'light',
  present: imagePresent,
  async run(context) {
    const { step, inputs, tools, key, log, signal } = context;
    const { name } = step.params;
    const existing = await tools.containers.imageByLabels({ [KEY_LABEL]: key });
    const engineId = existing ?? (await build());
    const packages = await tools.containers.readFile(engineId, PACKAGES_FILE);
    const set = await tools.store.put(packages);
    const descriptor = {
      schema: 1,
      name,
      base: inputs.base.digest,
      context: contextDigest(step.params.context),
      packages: set.digest,
    } as const;
    const count = packages.toString('utf8').trimEnd().split('\n').length;
    log(`${name}: ${count} packages, ${existing === undefined ? 'built' : 'already in the engine'}`);
    return {
      outputs: [
        await imageArtifact(tools, descriptor, engineId),
        { kind: 'packages', name: `${name}-packages.txt`, ...set },
      ],
      facts: { how: existing === undefined ? 'built' : 'already in the engine', packages: count },
    };

    async function build(): Promise<string> {
      const { archives } = await tools.host.aptMirrors();
      if (inputs.base.engineId === undefined) throw new Error(`image ${inputs.base.name} has no engine id`);
      return tools.containers.buildImage(
        {
          name,
          tag: `fullnat-factory/${name}:${key.slice(0, 16)}`,
          files: (await refFiles(tools, step.params.context, '.')).map((file) => ({
            ...file,
            path: baseName(file.path),
          })),
          // FTP_PROXY is one of the arguments that the engine passes to RUN but keeps out of the image's history and out of
          // its cache key; our install scripts take the mirrors from it. A private mirror must not be found in an image.
          buildArgs: {
            BASE: inputs.base.engineId,
            ...(archives === null ? {} : { FTP_PROXY: `${archives.main},${archives.security}` }),
          },
          labels: { [KEY_LABEL]: key },
        },
        (line) => log(line),
        signal,
      );
    }
  },
};

function contextDigest(
  files: readonly { readonly path: string; readonly sha256: string }[],
): ReturnType<typeof asSha256> {
  const lines = files.map((file) => `${file.sha256}  ${baseName(file.path)}\n`).sort();
  return asSha256(createHash('sha256').update(lines.join('')).digest('hex'));
}
