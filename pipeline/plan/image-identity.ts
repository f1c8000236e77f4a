import { createHash } from 'node:crypto';
import { asSha256, type Sha256 } from './artifact.ts';
import { canonicalJson } from '../run/canonical-json.ts';
import type { BaseImageParams, FileRef } from './params.ts';

/** Digest over the folder that an image is built from: names and contents of its files. */
export function contextDigest(files: readonly FileRef[]): Sha256 {
  const lines = files.map(({ sha256, path }) => `${sha256}  ${path.slice(path.lastIndexOf('/') + 1)}\n`).sort();
  return sha256Of(lines.join(''));
}

/**
 * What decides an image of ours but for the packages that the archive had on that day: its folder and its base (the digest of that
 * one's descriptor). The same with a lock and without.
 */
export function madeOf(name: string, files: readonly FileRef[], base: Sha256): Sha256 {
  return sha256Of(`${name}\n${contextDigest(files)}\n${base}\n`);
}

/** What decides a bootstrapped base but for what the archive had on that day. The same with a lock and without. */
export function bootstrapOf({ name, image, digest, bootstrap }: BaseImageParams): Sha256 {
  return sha256Of(canonicalJson({ name, image, digest, bootstrap }));
}

/** The bytes of a packages.txt with these lines. */
export function packagesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Digest of a package set: that of the packages.txt that lists it. */
export function packagesDigest(lines: readonly string[]): Sha256 {
  return sha256Of(packagesText(lines));
}

function sha256Of(text: string): Sha256 {
  return asSha256(createHash('sha256').update(text).digest('hex'));
}
