import type { LockedImage } from '../recipe/lock-schema.ts';

const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const PORT = ':[0-9]{1,5}';

/**
 * `registry/path`: a host with a dot or a port (or `localhost`), which an engine would otherwise take for a folder of Docker Hub,
 * and at least one part of a path; no scheme, no tag.
 */
export const REGISTRY_PATH = new RegExp(
  `^(?:localhost(?:${PORT})?|${LABEL}(?:(?:\\.${LABEL})+(?:${PORT})?|${PORT}))(?:/${PART})+$`,
);

/** `registry/path@sha256:…`: one image, whatever tags point at. */
export const PINNED_IMAGE = new RegExp(`${REGISTRY_PATH.source.slice(0, -1)}@sha256:[0-9a-f]{64}$`);

/** Where an image of ours may be had. Not in any key: what it is does not depend on it. */
export interface CachedImage {
  /** `registry/path/name`, where it is pushed to; null: the user named no registry. */
  readonly repository: string | null;
  /** What the lock names, `registry/path/name@sha256:…`, in the order of asking. */
  readonly pinned: readonly string[];
  /** The lock says what the image is: then nothing is believed that a tag points at. */
  readonly locked: boolean;
}

/** `prefix`: `registry/path` below which images lie; undefined: nobody named one; null: no registry is to be asked. */
export function cachedImage(
  name: string,
  prefix: string | null | undefined,
  entry: LockedImage | undefined,
): CachedImage | null {
  const told = entry !== undefined && 'pushed' in entry ? entry.pushed : undefined;
  if (prefix === null || (prefix === undefined && told === undefined)) return null;
  const repository = prefix === undefined ? null : `${prefix}/${name}`;
  // Registries differ from site to site, digests do not.
  const here = repository !== null && told !== undefined ? [`${repository}@${digestOf(told)}`] : [];
  return {
    repository,
    pinned: [...new Set([...here, ...(told === undefined ? [] : [told])])],
    locked: entry !== undefined,
  };
}

/** The digest, `sha256:…`, of a pinned image. */
export function digestOf(pinned: string): string {
  return pinned.replace(/^.*@/, '');
}

/** Host (and port) of the registry of an image. */
export function registryHost(reference: string): string {
  return reference.slice(0, reference.indexOf('/'));
}

/** An image as engines show it: without the name of Docker Hub. */
export function familiarName(reference: string): string {
  return reference.replace(/^docker\.io\/(?:library\/)?/, '');
}
