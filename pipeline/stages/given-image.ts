import { asSha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { imageArtifact } from './image.ts';
import type { Stage } from './stage.ts';

/**
 * An image of the engine that the user names instead of ours. It is what it is: its identity is the engine's own id, and
 * when the name means another image the next time, everything made in it is made again.
 */
export const givenImage: Stage<'given-image'> = {
  name: 'given-image',
  version: 1,
  weight: 'light',
  async present(record, tools) {
    const image = record.outputs.find(({ kind }) => kind === 'image');
    return (
      image?.engineId !== undefined &&
      (await tools.containers.imageId(String(record.facts.reference))) === image.engineId
    );
  },
  async run({ step, tools, log }) {
    const { name, reference, locked } = step.params;
    const engineId = await tools.containers.imageId(reference);
    if (engineId === undefined)
      throw new FactoryError({
        kind: 'ImageMissing',
        image: reference,
        advice: `Bring it into the engine first: docker load, docker pull or docker build; then docker images must list it.`,
      });
    log(`${reference}: ${engineId}`);
    if (locked !== null && locked !== engineId)
      throw new FactoryError({ kind: 'ImageNotAsLocked', image: name, difference: { locked, got: engineId } });
    const packages = asSha256(engineId.replace(/^sha256:/, ''));
    const descriptor = { schema: 1, name, base: `engine:${engineId}`, context: null, packages } as const;
    return { outputs: [await imageArtifact(tools, descriptor, engineId)], facts: { reference } };
  },
};
