import type { Sha256 } from '../plan/artifact.ts';
import type { ConfigValues, Edit, FileRef, InstallCheck, PatchSeries } from '../plan/params.ts';

/** Where one upstream file comes from. */
export type Source =
  | {
      readonly kind: 'http';
      readonly name: string;
      readonly urls: readonly string[];
      readonly file: string;
      /** Published by upstream; null: only the lock can tell. */
      readonly sha256: Sha256 | null;
      readonly size: number | null;
    }
  | { readonly kind: 'file'; readonly name: string; readonly file: FileRef }
  | {
      readonly kind: 'apt';
      readonly name: string;
      readonly apt: 'binary' | 'source';
      readonly package: string;
      /** Glob for the wanted file of a source package; null for a binary package. */
      readonly file: string | null;
    }
  | {
      readonly kind: 'member';
      readonly name: string;
      readonly of: string;
      readonly path: string;
      readonly file: string;
    };

/** Kernel configuration of a package. `values` already holds what is set and added. */
export interface PackageConfig {
  readonly fragment: string;
  readonly set: ConfigValues;
  readonly add: ConfigValues;
  readonly values: ConfigValues;
  /** Below %_builddir. */
  readonly final: string;
  readonly wanted: string | null;
}

/** One binary package of one of our packages. */
interface RpmOf {
  readonly package: string;
  readonly rpm: string;
}

/** Something that is rebuilt from a source package of ours. */
export interface Package {
  readonly name: string;
  readonly group: 'kernels' | 'tools';
  readonly role: string | null;
  readonly spec: string;
  /** Name of the source that is the SRPM to start from. */
  readonly srpm: string | null;
  /** `as` null: under the name that the source has. */
  readonly sources: readonly { readonly source: string; readonly as: string | null }[];
  /** Ours, the spec first (unless it comes in the SRPM). */
  readonly files: readonly FileRef[];
  readonly buildid: string | null;
  readonly edits: readonly Edit[];
  readonly config: PackageConfig | null;
  /** null: no patches, or a series that lists none. */
  readonly patches: PatchSeries | null;
  readonly defines: Readonly<Record<string, string>>;
  readonly with: readonly string[];
  readonly needs: readonly RpmOf[];
  readonly produces: readonly string[];
  readonly ccache: string;
  readonly objects: number | null;
  readonly treeBytes: number;
}

/** What a host of a role installs, and what must hold afterwards. */
interface Role {
  readonly name: string;
  readonly packages: readonly RpmOf[];
  readonly checks: readonly InstallCheck[];
}

/** An image made from a folder below dockerfiles/. */
export interface ImageContext {
  readonly name: string;
  readonly context: readonly FileRef[];
}

/** A validated recipe: nothing optional left, every file with its digest, every name known to refer to something. */
export interface Recipe {
  readonly name: string;
  readonly description: string;
  /** SOURCE_DATE_EPOCH in seconds. */
  readonly epoch: number;
  readonly dist: string;
  readonly base: {
    readonly name: string;
    readonly image: string;
    readonly digest: string;
    readonly bootstrap: { readonly suite: string; readonly script: FileRef } | null;
  };
  readonly builder: ImageContext;
  readonly target: ImageContext;
  /** In an order in which an archive stands before its members. */
  readonly sources: readonly Source[];
  /** In an order in which a package stands after those that it needs. */
  readonly packages: readonly Package[];
  readonly roles: readonly Role[];
  readonly signing: { readonly name: string; readonly email: string };
  readonly publish: { readonly baseUrl: string };
}
