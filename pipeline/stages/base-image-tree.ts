import type { Readable } from 'node:stream';
import { BASE_LABEL, KEY_LABEL, MADE_OF_LABEL, repositoryOf } from './image.ts';
import type { StageContext } from './stage.ts';

/** Imports a root file system as an image that is found again by the digest of its tree. */
export async function importTree(
  { step, key, tools, signal }: StageContext<'base-image'>,
  tar: Readable,
  tree: string,
): Promise<string> {
  return tools.containers.importImage(
    tar,
    {
      // Only an image with the same labels can take the tag away: an untagged one that others are built on cannot be found.
      tag: `${repositoryOf(step.params.name)}:${tree.replace(/^.*:/, '').slice(0, 16)}-${key.slice(0, 16)}`,
      labels: { [KEY_LABEL]: key, [BASE_LABEL]: tree, [MADE_OF_LABEL]: tree },
    },
    signal,
  );
}

/** The tree of an image that importTree made; undefined when the engine has no such image. */
export async function treeInEngine({ step, key, tools }: StageContext<'base-image'>): Promise<
  | {
      readonly id: string;
      readonly tree: string;
    }
  | undefined
> {
  const { locked, name } = step.params;
  const { containers } = tools;
  const id =
    (await containers.imageByLabels(repositoryOf(name), { [KEY_LABEL]: key })) ??
    (locked === null ? undefined : await containers.imageByLabels(repositoryOf(name), { [MADE_OF_LABEL]: locked }));
  const tree = id === undefined ? undefined : (await containers.imageLabels(id))?.[BASE_LABEL];
  return id === undefined || tree === undefined ? undefined : { id, tree };
}
