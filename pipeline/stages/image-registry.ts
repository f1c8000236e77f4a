import { FactoryError } from '../run/failure.ts';
import type { StageContext } from './stage.ts';

type Context = StageContext<'base-image'> | StageContext<'builder-image'>;

/** Tag of whatever was made of the same things; another day's packages move it. */
export function tagOfMade(digest: string): string {
  return `of-${digest}`;
}

/** Tag of an image with exactly these contents: the digest of its descriptor. It is there so that no registry clears them away. */
export function tagOfContents(digest: string): string {
  return `is-${digest}`;
}

/**
 * The step's image out of a registry: the one that the lock names by its digest, or, where nothing is locked, the one that a tag
 * points at. `problemOf`: why what came is not what was asked for, as its labels tell. A registry is a help and no source: when it
 * does not answer, has none or has another one under the tag, that is said and undefined is returned. Failures: ImageNotAsLocked
 * (what the lock names is another image).
 */
export async function fromRegistry(
  context: Context,
  /** In the registry, and for finding it again in the engine. */
  tags: { readonly name: string; readonly local: string },
  problemOf: (labels: Readonly<Record<string, string>>) => string | undefined,
): Promise<{ readonly id: string; readonly pulled: string } | undefined> {
  const { step, tools, emit, log, signal, offline } = context;
  const { registry, fresh } = step.hints;
  if (registry === null || fresh || offline) return undefined;
  const { repository, pinned, locked } = registry;
  if (locked && pinned.length === 0)
    log('the lock names no digest of it in a registry (factory images push, then factory lock)');
  const warn = (message: string): void => emit({ type: 'note', level: 'warning', message, step: step.id });
  const byTag = locked || repository === null ? [] : [`${repository}:${tags.name}`];
  for (const reference of [...pinned, ...byTag]) {
    const got = await tools.registry.pull(reference, {
      onLine: (line) => log(line),
      onBytes: (done, total) =>
        emit({ type: 'step-progress', step: step.id, phase: 'pull', done, total, unit: 'bytes' }),
      signal,
    });
    if (got.kind === 'image') {
      const problem = problemOf((await tools.containers.imageLabels(got.id)) ?? {});
      if (problem === undefined) {
        await tools.containers.tagImage(got.id, tags.local);
        log(`${reference}: pulled ${got.pinned}`);
        return { id: got.id, pulled: got.pinned };
      }
      if (locked) throw notAsLocked(step.params.name, reference, problem);
      warn(`${reference} is not what its name says (${problem}): not used`);
    } else if (got.kind === 'absent') log(`${reference}: not there`);
    else if (got.told) log(`${reference}: ${got.reason}`, 'stderr');
    else warn(`the registry ${got.registry} gives no images, they are made here instead: ${got.reason}`);
  }
  return undefined;
}

function notAsLocked(image: string, locked: string, problem: string): FactoryError {
  return new FactoryError({
    kind: 'ImageNotAsLocked',
    image,
    difference: { locked, got: `that image, but ${problem}` },
  });
}
