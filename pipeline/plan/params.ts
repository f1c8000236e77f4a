import type { Sha256 } from './artifact.ts';

export type * from './params-publish.ts';

/**
 * A file of ours that a step uses. The digest is in the step's key, so touching the file re-runs exactly the steps that
 * name it; the bytes are hashed again when the step reads them.
 */
export interface FileRef {
  /** `factory`: this repository; `recipe`: the recipe's folder; `patches`: the recipe's folder below patches/. */
  readonly root: 'factory' | 'recipe' | 'patches';
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly sha256: Sha256;
}

/** One change to a text file that must match whole lines exactly once (see rpm/text-edit.ts). */
export type Edit =
  | { readonly op: 'replace'; readonly file: string; readonly line: string; readonly with: string }
  | { readonly op: 'insert-before'; readonly file: string; readonly line: string; readonly text: string }
  | { readonly op: 'insert-after'; readonly file: string; readonly line: string; readonly text: string };

/** How patches enter a spec: where PatchNNNN lines and where the apply lines go, and how one is applied. */
export interface PatchSeries {
  readonly files: readonly FileRef[];
  /** Number of the first patch; the others count up from it. */
  readonly firstNumber: number;
  /** Whole line of the spec before which `PatchNNNN: name` lines are inserted. */
  readonly declareBefore: string;
  /** Whole line of the spec before which apply lines are inserted. */
  readonly applyBefore: string;
  /** Apply line; `{name}` and `{number}` are replaced. */
  readonly applyWith: string;
}

/** Kernel configuration symbols and the value each must have; `n` means "is not set". */
export type ConfigValues = Readonly<Record<string, string>>;

/** Scripts that run inside a container, uploaded for every run; in the key, because they decide what is made. */
export interface Scripted {
  readonly scripts: readonly FileRef[];
}

/** What one archive may hold; more is refused while its members are looked at, before they are written. */
export interface UnpackLimits {
  readonly members: number;
  /** Of the unpacked archive. */
  readonly bytes: number;
  readonly pathBytes: number;
  /** Times its packed size that an archive may unpack to; counts beyond the first 16 MiB. */
  readonly ratio: number;
}

/** RPM macros, rpmbuild switches and the one clock that packages see. */
export interface RpmSettings {
  readonly defines: Readonly<Record<string, string>>;
  readonly with: readonly string[];
  /** SOURCE_DATE_EPOCH in seconds. */
  readonly epoch: number;
}

export interface FetchHttpParams {
  readonly file: string;
  /** null: not locked yet; the build says so in its manifest and `--frozen` refuses it. */
  readonly sha256: Sha256 | null;
  readonly size: number | null;
}
export interface FetchFileParams {
  readonly file: FileRef;
}
export interface FetchAptParams extends Scripted {
  readonly apt: 'binary' | 'source';
  readonly package: string;
  /** Which file of a source package, as a glob; null for a binary package. */
  readonly file: string | null;
  /** Exact Debian version from the lock, or null: the newest that the signed index offers. */
  readonly version: string | null;
  readonly sha256: Sha256 | null;
}
export interface ExtractMemberParams extends Scripted {
  readonly member: string;
  readonly file: string;
  readonly limits: UnpackLimits;
}
export interface BaseImageParams {
  readonly name: string;
  /** Image in its registry; null: the root file system that is the step's input. */
  readonly image: string | null;
  /** `sha256:…` of the image in its registry, or of the root file system. */
  readonly digest: string;
  /** How to make an equal base where no registry answers; null: there is no other way. */
  readonly bootstrap: { readonly suite: string; readonly epoch: number; readonly script: FileRef } | null;
  /** What the lock says it is, as in an ImageDescriptor; null: not locked. */
  readonly locked: string | null;
}
export interface BuilderImageParams {
  readonly name: string;
  readonly context: readonly FileRef[];
  /** Digest of the locked package set; null: not locked, the newest of everything. */
  readonly locked: Sha256 | null;
}
export interface GivenImageParams {
  readonly name: string;
  /** Engine id that the lock asks for; null: not locked. */
  readonly locked: string | null;
  /** Tag, digest or id in the engine. */
  readonly reference: string;
}
export interface VerifySrpmParams extends Scripted {
  readonly file: string;
  /** Keys of which one must have signed it. */
  readonly keys: readonly { readonly name: string; readonly fingerprint: string }[];
  /** URLs of which the key is known: what came from there must be signed by that key. */
  readonly keyOf: Readonly<Record<string, string>>;
}
export interface RepackTreeParams extends Scripted {
  /** The one folder that the archive holds, and its name afterwards. */
  readonly top: string;
  readonly into: string;
  readonly file: string;
  /** Paths below the folder that are left out. */
  readonly drop: readonly string[];
  /** SOURCE_DATE_EPOCH in seconds. */
  readonly epoch: number;
  readonly limits: UnpackLimits;
}
export interface CrossCheckParams extends Scripted {
  readonly package: string;
  /** Archive inside the SRPM, and the folder that it holds. */
  readonly source0: string;
  readonly source0Top: string;
  readonly treeTop: string;
  readonly drop: readonly string[];
  readonly limits: UnpackLimits;
}
export interface AssembleSrpmParams extends Scripted, RpmSettings {
  readonly package: string;
  /** File name of the spec: from `files`, or inside the SRPM that is the step's `srpm` input. */
  readonly spec: string;
  /** Our own files: the spec, config fragments, init scripts. */
  readonly files: readonly FileRef[];
  /** Names under which the `sources` inputs enter SOURCES, in the same order; may hold `{name.upstreamVersion}`. */
  readonly sourceNames: readonly string[];
  /** Names of the `infos` inputs for `{name.upstreamVersion}` and `{name.version}`, in the same order. */
  readonly infoNames: readonly string[];
  readonly edits: readonly Edit[];
  /** Values to set in the fragment: each symbol must be there exactly once, set or "is not set". */
  readonly configSet: { readonly file: string; readonly values: ConfigValues } | null;
  /** Values to add to the fragment: no symbol may be there yet. */
  readonly configAdd: { readonly file: string; readonly values: ConfigValues } | null;
  /**
   * Values for the strongest fragment, whether it has the symbols or not. Absent where there are none: a key of its own in every
   * plan would make all source packages again.
   */
  readonly configOverride?: { readonly file: string; readonly values: ConfigValues };
  /** Names of the `patches` inputs, in the same order; they come before the files of the series. */
  readonly patchNames: readonly string[];
  /** For the `srpm` input; null where there is none. */
  readonly limits: UnpackLimits | null;
  readonly patches: PatchSeries | null;
}
export interface RebuildSrpmParams extends Scripted, RpmSettings {
  readonly package: string;
  /** Names of the binary packages that must come out, no more and no less. */
  readonly produces: readonly string[];
  /** Names of those that may come out beside them. */
  readonly optional: readonly string[];
  /** Where the final .config and the wanted values lie below %_builddir, and what the recipe insists on. */
  readonly config: { readonly final: string; readonly wanted: string | null; readonly values: ConfigValues } | null;
  /** Every .ko of the package `kernel` must carry a signature. */
  readonly signedModules: boolean;
}
