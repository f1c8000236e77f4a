import type { Sha256 } from './artifact.ts';

/** A file of a directory that `factory vendor` made, as its index describes it. */
export interface VendoredFile {
  readonly dir: string;
  /** Below `dir`, with forward slashes. */
  readonly path: string;
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
}

/** An image as the engine saves it. */
export interface VendoredImage extends VendoredFile {
  /** `sha256:…` of the image's configuration, which names the digests of its layers. */
  readonly id: string;
}

/** What such a directory has, by names of the recipe. */
export interface VendoredDir {
  readonly sources: Readonly<Record<string, VendoredFile>>;
  readonly images: Readonly<Record<string, VendoredImage>>;
  /** Public keys of upstream, whatever they are called. */
  readonly keys: readonly VendoredFile[];
}

/** A vendored image together with the id that the lock asks for: it is used only when they are one. */
export interface WantedImage extends VendoredImage {
  readonly lockedId: string;
}

/** The vendored image of that name, preferably the very one that is locked; null when there is none. */
export function wantedImage(dirs: readonly VendoredDir[], name: string, lockedId: string): WantedImage | null {
  const there = dirs.flatMap(({ images }) => images[name] ?? []);
  const one = there.find(({ id }) => id === lockedId) ?? there[0];
  return one === undefined ? null : { ...one, lockedId };
}
