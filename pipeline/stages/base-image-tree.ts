import type { Readable } from 'node:stream';
import { bootstrapOf } from '../plan/image-identity.ts';
import { BASE_LABEL, BOOTSTRAP_LABEL, KEY_LABEL, MADE_OF_LABEL, repositoryOf } from './image.ts';
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
      labels: {
        [KEY_LABEL]: key,
        [BASE_LABEL]: tree,
        [MADE_OF_LABEL]: tree,
        [BOOTSTRAP_LABEL]: bootstrapOf(step.params),
      },
    },
    signal,
  );
}

/** Why an image of a registry is not a base that was bootstrapped as this step would; undefined: it is one. */
export function treeProblem(
  { step, key }: StageContext<'base-image'>,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  const { [BASE_LABEL]: tree = '', [MADE_OF_LABEL]: made, [BOOTSTRAP_LABEL]: how, [KEY_LABEL]: by } = labels;
  // What is built on a base has its labels, too, but says itself what it was made of.
  if (!tree.startsWith('tree:') || made !== tree) return 'it is no bootstrapped base';
  const { locked } = step.params;
  if (locked !== null) return tree === locked ? undefined : `it is ${tree}`;
  return how === bootstrapOf(step.params) || by === key ? undefined : 'it was bootstrapped in another way';
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
