import { type Lock, lockedImage, type LockedImage } from '../recipe/lock.ts';
import type { Base, ImageContext, Recipe } from '../recipe/recipe.ts';
import { FactoryError } from '../run/failure.ts';
import { contextDigest, packagesDigest } from './image-identity.ts';
import { type CachedImage, cachedImage } from './registry.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import { plannedStep } from './steps.ts';
import type { Handle } from './step.ts';
import { wantedImage, type WantedImage } from './vendored.ts';

/** Images by what they are for, each planned when it is asked for the first time: nothing is pulled that nobody uses. */
export interface PlannedImages {
  /** A base, by the name that the recipe gives it. */
  base(name: string): Handle<'image'>;
  /** An image made from one of our folders. */
  image(image: ImageContext): Handle<'image'>;
  /** Where packages are built: the recipe's builder, or the image that the user gave instead. */
  builder(): Handle<'image'>;
}

/** `rootfs`: the handle of a source that is a root file system. Failures: ImageNotLocked (with `frozen`). */
export function planImages(
  recipe: Recipe,
  lock: Lock,
  options: PlanOptions,
  add: Add,
  rootfs: (source: string) => Handle<'source'>,
): PlannedImages {
  const { builderImage, baseImages = {} } = options;
  const context: ImagesContext = { recipe, lock, options, add, rootfs };
  const bases = memoised((name) => {
    const base = recipe.bases.find((one) => one.name === `${name}-base`);
    if (base === undefined) throw new Error(`base ${name} is not in the recipe`);
    const reference = baseImages[name];
    if (reference === undefined) return planBase(name, base, context);
    return planGiven(base.name, reference, `base ${name}`, context);
  });
  const images = memoised((_name, image: ImageContext) => planBuilt(image, bases(image.base), context));
  const given = memoised((reference) => planGiven(recipe.builder.name, reference, 'builder', context));
  return {
    base: (name) => bases(name),
    image: (image) => images(image.name, image),
    builder: () => (builderImage === undefined ? images(recipe.builder.name, recipe.builder) : given(builderImage)),
  };
}

interface ImagesContext {
  readonly recipe: Recipe;
  readonly lock: Lock;
  readonly options: PlanOptions;
  readonly add: Add;
  readonly rootfs: (source: string) => Handle<'source'>;
}

function planBase(name: string, base: Base, { recipe, lock, options, add, rootfs }: ImagesContext): Handle<'image'> {
  const { from } = base;
  const registry = 'image' in from;
  const entry = lockedBase(lock, base);
  // One that can only be pulled, or is a source, is pinned by the recipe itself.
  if (entry === undefined && base.bootstrap !== null) refuseUnlocked(base.name, options);
  const title = registry ? `base image ${from.image}` : `base image from ${from.rootfs}`;
  const params = {
    name: base.name,
    image: registry ? from.image : null,
    digest: registry ? from.digest : `sha256:${from.sha256}`,
    bootstrap: base.bootstrap === null ? null : { ...base.bootstrap, epoch: recipe.epoch },
    locked: entry?.base ?? null,
  };
  const inputs = { rootfs: registry ? [] : [rootfs(from.rootfs)] };
  const hints = { requires: base.requires, ...copyOf(base.name, entry, cacheOfBase(name, recipe), options) };
  return add(plannedStep('base-image', name, title, params, inputs, hints)).image;
}

/** The entry, unless the recipe has come to mean another base since it was locked. */
function lockedBase(lock: Lock, { name, from, bootstrap }: Base): Extract<LockedImage, { kind: 'base' }> | undefined {
  const entry = lockedImage(lock, name, 'base');
  if (entry === undefined) return undefined;
  const possible = 'image' in from ? `registry:${from.digest}` : `tree:sha256:${from.sha256}`;
  return entry.base === possible || (bootstrap !== null && entry.base.startsWith('tree:')) ? entry : undefined;
}

function planBuilt(
  { name, base, context: files, cache }: ImageContext,
  from: Handle<'image'>,
  { lock, options, add }: ImagesContext,
): Handle<'image'> {
  const found = lockedImage(lock, name, 'built');
  // What was locked for another folder or another base says nothing about this one.
  const entry = found?.context === contextDigest(files) && found.from === base ? found : undefined;
  if (entry === undefined) refuseUnlocked(name, options);
  const locked = entry === undefined ? null : packagesDigest(entry.packages);
  const hints = { packages: entry?.packages ?? null, ...copyOf(name, entry, cache ?? undefined, options) };
  const params = { name, context: files, locked };
  return add(plannedStep('builder-image', name, `image ${name}`, params, { base: from }, hints)).image;
}

function planGiven(
  name: string,
  reference: string,
  as: string,
  { lock, options, add }: ImagesContext,
): Handle<'image'> {
  const entry = lockedImage(lock, name, 'given');
  if (entry === undefined) refuseUnlocked(name, options);
  const params = { name, reference, locked: entry?.id ?? null };
  return add(plannedStep('given-image', name, `image ${reference} as ${as}`, params, {}, {})).image;
}

function refuseUnlocked(image: string, { frozen }: PlanOptions): void {
  if (frozen) throw new FactoryError({ kind: 'ImageNotLocked', image });
}

/** A base lies where the first image on it lies that has a place: who takes the one needs the other. */
function cacheOfBase(name: string, { builder, target, publisher, boot }: Recipe): string | undefined {
  const images = [builder, target, publisher, ...(boot === null ? [] : [boot.runner])];
  return images.find(({ base, cache }) => base === name && cache !== null)?.cache ?? undefined;
}

/** Only what the lock names is taken from a vendored directory: nothing else says whether it is the right one. */
function copyOf(
  name: string,
  entry: LockedImage | undefined,
  cache: string | undefined,
  { vendored = [], freshImages = false, imageCache = cache }: PlanOptions,
): { readonly vendored: WantedImage | null; readonly registry: CachedImage | null; readonly fresh: boolean } {
  return {
    vendored: entry === undefined ? null : wantedImage(vendored, name, entry.id),
    registry: cachedImage(name, imageCache, entry),
    fresh: freshImages,
  };
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
