import type { Base, ImageContext, Recipe } from '../recipe/recipe.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import { plannedStep } from './steps.ts';
import type { Handle } from './step.ts';

/** Images by what they are for, each planned when it is asked for the first time: nothing is pulled that nobody uses. */
export interface PlannedImages {
  /** A base, by the name that the recipe gives it. */
  base(name: string): Handle<'image'>;
  /** An image made from one of our folders. */
  image(image: ImageContext): Handle<'image'>;
  /** Where packages are built: the recipe's builder, or the image that the user gave instead. */
  builder(): Handle<'image'>;
}

/** `rootfs`: the handle of a source that is a root file system. */
export function planImages(
  recipe: Recipe,
  { builderImage, baseImages = {} }: PlanOptions,
  add: Add,
  rootfs: (source: string) => Handle<'source'>,
): PlannedImages {
  const bases = memoised((name) => {
    const base = recipe.bases.find((one) => one.name === `${name}-base`);
    if (base === undefined) throw new Error(`base ${name} is not in the recipe`);
    const reference = baseImages[name];
    if (reference === undefined) return planBase(name, base, recipe.epoch, add, rootfs);
    const title = `image ${reference} as base ${name}`;
    return add(plannedStep('given-image', base.name, title, { name: base.name, reference }, {}, {})).image;
  });
  const images = memoised((name, { context, base }: ImageContext) => {
    const params = { name, context };
    return add(plannedStep('builder-image', name, `image ${name}`, params, { base: bases(base) }, {})).image;
  });
  const given = memoised((reference) => {
    const params = { name: recipe.builder.name, reference };
    return add(plannedStep('given-image', recipe.builder.name, `image ${reference} as builder`, params, {}, {})).image;
  });
  return {
    base: (name) => bases(name),
    image: (image) => images(image.name, image),
    builder: () => (builderImage === undefined ? images(recipe.builder.name, recipe.builder) : given(builderImage)),
  };
}

function planBase(
  name: string,
  base: Base,
  epoch: number,
  add: Add,
  rootfs: (source: string) => Handle<'source'>,
): Handle<'image'> {
  const { from } = base;
  const bootstrap = base.bootstrap === null ? null : { ...base.bootstrap, epoch };
  const registry = 'image' in from;
  const title = registry ? `base image ${from.image}` : `base image from ${from.rootfs}`;
  const params = {
    name: base.name,
    image: registry ? from.image : null,
    digest: registry ? from.digest : `sha256:${from.sha256}`,
    bootstrap,
  };
  const inputs = { rootfs: registry ? [] : [rootfs(from.rootfs)] };
  return add(plannedStep('base-image', name, title, params, inputs, { requires: base.requires })).image;
}

/** Calls `make` once per name. */
function memoised<Rest extends unknown[]>(
  make: (name: string, ...rest: Rest) => Handle<'image'>,
): (name: string, ...rest: Rest) => Handle<'image'> {
  const made = new Map<string, Handle<'image'>>();
  return (name, ...rest) => {
    const handle = made.get(name) ?? make(name, ...rest);
    made.set(name, handle);
    return handle;
  };
}
