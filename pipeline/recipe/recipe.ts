import type { Sha256 } from '../plan/artifact.ts';
import type { Boot } from '../plan/boot.ts';
import type { Host } from '../plan/host.ts';
import type { Pair } from '../plan/pair.ts';
import type {
  ConfigValues,
  Edit,
  ExtendedRecipe,
  FileRef,
  InstallCheck,
  PatchSeries,
  UnpackLimits,
} from '../plan/params.ts';

/** Where one upstream file comes from. */
export type Source =
  | {
      readonly kind: 'http';
      readonly name: string;
      /** In the order of trying; `key`: name of the upstream key that signs what lies there, on all mirrors or on none. */
      readonly mirrors: readonly { readonly url: string; readonly key: string | null }[];
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

/** Kernel configuration of a package. `values` already holds what is set, added and overridden. */
export interface PackageConfig {
  readonly fragment: string;
  readonly set: ConfigValues;
  readonly add: ConfigValues;
  /** The fragment that wins over all others; null: not known. */
  readonly strongest: string | null;
  /** Without values that would hold anyway. */
  readonly override: ConfigValues;
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
  /** null: no patches, or a series that lists none. Those of `patchSources` come before the files of the series. */
  readonly patches: PatchSeries | null;
  /** Names of sources that are patches. */
  readonly patchSources: readonly string[];
  /** Whether the kernel is patched here, or a tree is taken that has the patches in it. */
  readonly source: 'patch' | 'patched-tree';
  readonly patchedTree: PatchedTree | null;
  readonly signedModules: boolean;
  readonly defines: Readonly<Record<string, string>>;
  readonly with: readonly string[];
  readonly needs: readonly RpmOf[];
  readonly produces: readonly string[];
  /** May come out beside them. */
  readonly optional: readonly string[];
  readonly ccache: string;
  readonly objects: number | null;
  readonly treeBytes: number;
  /** null: by the number of jobs. */
  readonly memoryBytes: number | null;
}

/** What a host of a role installs, and what must hold afterwards. */
interface Role {
  readonly name: string;
  readonly packages: readonly RpmOf[];
  readonly checks: readonly InstallCheck[];
  /** What a host of the role becomes; null: no install manifest is published. */
  readonly host: Host | null;
}

/** An image made from a folder below dockerfiles/, on top of the base of that name. */
export interface ImageContext {
  readonly name: string;
  readonly base: string;
  readonly context: readonly FileRef[];
  /** `registry/path` below which the image may lie; null: the recipe names none. */
  readonly cache: string | null;
}

/** An image that others start from. */
export interface Base {
  readonly name: string;
  /** Image in its registry, or the source that is a root file system. */
  readonly from:
    { readonly image: string; readonly digest: string } | { readonly rootfs: string; readonly sha256: Sha256 };
  readonly bootstrap: { readonly suite: string; readonly script: FileRef } | null;
  readonly requires: readonly 'vsyscall'[];
}

/** A key of upstream. */
export interface UpstreamKey {
  readonly name: string;
  /** 40 hex digits, capitals. */
  readonly fingerprint: string;
  readonly image: { readonly base: string; readonly path: string } | null;
  readonly urls: readonly string[];
}

/** An archive of a patched kernel tree, and how it becomes the source archive of a package. */
interface PatchedTree {
  readonly source: string;
  readonly top: string;
  readonly as: string;
  readonly into: string;
  readonly drop: readonly string[];
}

/** A validated recipe: nothing optional left, every file with its digest, every name known to refer to something. */
export interface Recipe {
  readonly name: string;
  /** The recipe that it extends and those that this one extends. */
  readonly extends: readonly ExtendedRecipe[];
  readonly description: string;
  /** SOURCE_DATE_EPOCH in seconds. */
  readonly epoch: number;
  readonly dist: string;
  readonly bases: readonly Base[];
  readonly builder: ImageContext;
  readonly target: ImageContext;
  /** Where source packages are verified, packages signed and indexed. */
  readonly publisher: ImageContext;
  readonly limits: UnpackLimits;
  /** Where published packages are booted, and how; null: they are not. */
  readonly boot: { readonly runner: ImageContext; readonly how: Boot } | null;
  readonly keys: readonly UpstreamKey[];
  /** In an order in which an archive stands before its members. */
  readonly sources: readonly Source[];
  /** In an order in which a package stands after those that it needs. */
  readonly packages: readonly Package[];
  readonly roles: readonly Role[];
  /** What must be equal in director, backend and tools; null: nothing is compared. */
  readonly pair: Pair | null;
  readonly signing: { readonly name: string; readonly email: string };
  /** `validDays`: how long a signed pointer is good for. */
  readonly publish: { readonly baseUrl: string; readonly validDays: number };
}
