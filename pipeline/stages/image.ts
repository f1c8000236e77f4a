import type { Artifact, ImageDescriptor } from '../plan/artifact.ts';
import type { StepRecord } from '../run/record.ts';
import type { Tools } from '../tools/tools.ts';

/**
 * Labels by which an image is found again in the engine when the ledger does not know it (another artifacts directory,
 * a deleted one): the key of the step that made it, for a bootstrapped base the digest of its tree, and what it was made of
 * whatever the lock said then: an image that was made before its packages were locked is as good as one made after.
 */
export const KEY_LABEL = 'fullnat-factory.key';
export const BASE_LABEL = 'fullnat-factory.base';
export const MADE_OF_LABEL = 'fullnat-factory.made-of';
/** How a base was bootstrapped, as a digest that does not depend on the lock. */
export const BOOTSTRAP_LABEL = 'fullnat-factory.bootstrap';

/** The repository of the tags of an image of ours. */
export function repositoryOf(name: string): string {
  return `fullnat-factory/${name}`;
}

/** Puts a descriptor into the store as the step's `image` artifact. */
export async function imageArtifact(
  tools: Tools,
  descriptor: ImageDescriptor,
  engineId: string,
): Promise<Artifact<'image'>> {
  const bytes = Buffer.from(`${JSON.stringify(descriptor)}\n`);
  return { kind: 'image', name: descriptor.name, ...(await tools.store.put(bytes)), engineId };
}

/**
 * An image counts as present only when the engine has exactly the id that was recorded. Asked when a step is about to run
 * in it, or when the image itself is wanted; a run that needs no container needs no image and no engine.
 */
export async function imagePresent(record: StepRecord, tools: Tools): Promise<boolean> {
  const image = record.outputs.find((output) => output.kind === 'image');
  return image?.engineId !== undefined && (await tools.containers.imageId(image.engineId)) === image.engineId;
}
