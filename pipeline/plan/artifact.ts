/** A sha256 as 64 lower-case hex digits. Branded, so that a file name or an image id is never taken for one. */
export type Sha256 = string & { readonly __brand: 'sha256' };

/** Checks and brands a hex digest. Throws a TypeError on anything but 64 lower-case hex digits. */
export function asSha256(text: string): Sha256 {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new TypeError(`not a sha256: ${JSON.stringify(text)}`);
  return text as Sha256;
}

/**
 * What a step can hand to another step. The kind decides who may take it: a Handle of the wrong kind does not compile.
 *
 * - `source`: a fetched upstream file; `source-info`: JSON about it (see SourceInfo); `origin`: JSON: the URL it came from
 * - `image`: JSON that identifies a container image by its contents (see ImageDescriptor); the engine's own id is not part
 *   of the bytes, because it changes with every build of the same contents
 * - `packages`: the exact package set of an image, one `name arch version` per line
 * - `srpm`, `rpm`: as rpmbuild wrote them; `signed-srpm`, `signed-rpm`: after rpmsign
 * - `config`: the kernel's final .config
 * - `public-key`: the repository's armored public key
 * - `snapshot`: JSON tree manifest of one published directory
 * - `rootfs`: tar of what the packages of a role put on a machine, with the libraries of their programs
 * - `evidence`: JSON outcome of a verification, or what shows it
 * - `pair`: JSON: which kernels and tools belong together, and what that was seen by
 * - `install-manifest`: JSON: what a host of a role installs, changes and checks (see host/manifest)
 * - `devices`: what the kernel of a role has drivers for, one line each; `host-file`: a file of the recipe for hosts
 * - `pointer`: JSON: which snapshot the pointer was moved to
 */
export type ArtifactKind =
  | 'source'
  | 'source-info'
  | 'origin'
  | 'image'
  | 'packages'
  | 'srpm'
  | 'rpm'
  | 'signed-srpm'
  | 'signed-rpm'
  | 'config'
  | 'public-key'
  | 'snapshot'
  | 'rootfs'
  | 'evidence'
  | 'pair'
  | 'install-manifest'
  | 'devices'
  | 'host-file'
  | 'pointer';

/** The only currency between steps. `digest` and `size` (bytes) are of the object in the store. */
export interface Artifact<K extends ArtifactKind = ArtifactKind> {
  readonly kind: K;
  /** File name, or a name for humans; never a path. Part of consumers' keys, because it ends up in their output. */
  readonly name: string;
  readonly digest: Sha256;
  readonly size: number;
  /** Images only: the engine's id (`sha256:…`). A hint where to find it; never part of a key. */
  readonly engineId?: string;
}

/** What fetch-apt says about a file. `upstreamVersion` has no epoch, Debian revision or repack suffix. */
export interface SourceInfo {
  readonly package: string;
  readonly version: string;
  readonly upstreamVersion: string;
  readonly file: string;
  readonly sha256: Sha256;
  readonly size: number;
}

/** Contents of an `image` artifact: equal bytes mean an image that builds the same things. */
export interface ImageDescriptor {
  readonly schema: 1;
  readonly name: string;
  /** Base image digest, base tree digest, or the digest of the base's own descriptor. */
  readonly base: string;
  /** Digest over the build context (Dockerfile and scripts); null for an image that is taken as it comes. */
  readonly context: Sha256 | null;
  /** Digest of the exact package set. */
  readonly packages: Sha256 | null;
}
