import type { Engine } from './connect.ts';
import { tolerate } from './errors.ts';
import { labelFilter } from './labels.ts';

/** The engine's id (`sha256:…`) of a tag, digest or id; undefined when the engine does not have it. */
export async function imageId(engine: Engine, reference: string): Promise<string | undefined> {
  return (await tolerate(engine.docker.getImage(reference).inspect(), 404))?.Id;
}

/** The labels of an image; undefined when the engine does not have it. */
export async function imageLabels(
  engine: Engine,
  reference: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const inspected = await tolerate(engine.docker.getImage(reference).inspect(), 404);
  if (inspected === undefined) return undefined;
  // null for an image without labels, which the types do not say
  const { Labels } = inspected.Config as { Labels: Record<string, string> | null };
  return Labels ?? {};
}

/** The digests by which registries know an image; none when the engine does not have it. */
export async function imageDigests(engine: Engine, reference: string): Promise<readonly string[]> {
  const inspected = await tolerate(engine.docker.getImage(reference).inspect(), 404);
  // Older engines say null, which the types do not.
  return (inspected?.RepoDigests as readonly string[] | null | undefined) ?? [];
}

/**
 * The newest image that carries all these labels and has a tag of that repository. An image inherits the labels of the one it is
 * built from, and anybody may build on ours: only the tag tells them apart.
 */
export async function imageByLabels(
  engine: Engine,
  repository: string,
  labels: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const images = await engine.docker.listImages({ filters: labelFilter(labels) });
  // Of an image without tags older engines say null.
  const named = images.filter(({ RepoTags }) =>
    ((RepoTags ?? []) as readonly string[]).some((tag) => tag.startsWith(`${repository}:`)),
  );
  const newest = named.sort((a, b) => b.Created - a.Created || (a.Id < b.Id ? -1 : 1)).at(0);
  return newest?.Id;
}
