import type { Artifact, ArtifactKind } from './artifact.ts';
import type { Handle } from './handle.ts';
import type * as P from './params.ts';
import type { CachedImage } from './registry.ts';
import type { PublishStages } from './stages-publish.ts';
import type { WantedImage } from './vendored.ts';

export type { Handle } from './handle.ts';

/** Params (in the key), inputs (their digests are in the key) and hints (not in the key) of every stage. */
export interface Stages extends PublishStages {
  'fetch-http': {
    params: P.FetchHttpParams;
    inputs: object;
    /** `vouched`: something else than the digest will say whether the bytes are right (a signature). */
    hints: { readonly urls: readonly string[]; readonly vouched: boolean };
  };
  'verify-srpm': {
    params: P.VerifySrpmParams;
    inputs: {
      publisher: Handle<'image'>;
      srpm: Handle<'source'>;
      origin: Handle<'origin'>;
      /** Bases that bring keys along. */
      images: readonly Handle<'image'>[];
    };
    hints: {
      /** Key files that the user gave. */
      readonly given: readonly { readonly name: string; readonly base64: string }[];
      /** Key files in `images`, in the same order. */
      readonly imagePaths: readonly string[];
      /** Where keys can be downloaded, by name of the key. */
      readonly urls: Readonly<Record<string, readonly string[]>>;
    };
  };
  'fetch-file': { params: P.FetchFileParams; inputs: object; hints: object };
  'fetch-apt': {
    params: P.FetchAptParams;
    inputs: { base: Handle<'image'> };
    hints: {
      /** What the lock says about it beside version and digest; null: not locked, or by a lock that does not say it. */
      readonly locked: { readonly file: string; readonly size: number; readonly upstreamVersion: string } | null;
      /** Where a copy may lie, looked at before apt is asked. */
      readonly urls: readonly string[];
    };
  };
  'extract-member': {
    params: P.ExtractMemberParams;
    inputs: { base: Handle<'image'>; archive: Handle<'source'> };
    hints: object;
  };
  'base-image': {
    params: P.BaseImageParams;
    inputs: { rootfs: readonly Handle<'source'>[] };
    hints: {
      readonly requires: readonly 'vsyscall'[];
      /** A copy of the locked image. */
      readonly vendored: WantedImage | null;
      readonly registry: CachedImage | null;
      /** Make it anew, whatever the engine has. */
      readonly fresh: boolean;
    };
  };
  'given-image': { params: P.GivenImageParams; inputs: object; hints: object };
  'repack-tree': {
    params: P.RepackTreeParams;
    inputs: { publisher: Handle<'image'>; archive: Handle<'source'> };
    hints: object;
  };
  'cross-check': {
    params: P.CrossCheckParams;
    inputs: {
      publisher: Handle<'image'>;
      srpm: Handle<'source'>;
      patches: readonly Handle<'source'>[];
      tree: Handle<'source'>;
    };
    hints: object;
  };
  'builder-image': {
    params: P.BuilderImageParams;
    inputs: { base: Handle<'image'> };
    hints: {
      /** The locked package set, `name architecture version` each; null: not locked. */
      readonly packages: readonly string[] | null;
      readonly vendored: WantedImage | null;
      readonly registry: CachedImage | null;
      readonly fresh: boolean;
    };
  };
  'assemble-srpm': {
    params: P.AssembleSrpmParams;
    inputs: {
      builder: Handle<'image'>;
      sources: readonly Handle<'source'>[];
      infos: readonly Handle<'source-info'>[];
      patches: readonly Handle<'source'>[];
      /** None or one: the SRPM to start from. */
      srpm: readonly Handle<'source'>[];
    };
    hints: object;
  };
  'rebuild-srpm': {
    params: P.RebuildSrpmParams;
    inputs: { builder: Handle<'image'>; srpm: Handle<'srpm'>; deps: readonly Handle<'rpm'>[] };
    hints: {
      /** Name part of the ccache volume; builds that compile much the same share one. null: the compiler does all the work. */
      readonly ccache: string | null;
      /** Expected number of compiled objects on the first run, for the progress line; null: unknown. */
      readonly objects: number | null;
      /** What the build tree needs, in bytes, for the choice between tmpfs and disk. */
      readonly treeBytes: number;
      /** What the build may use beside its tree, in bytes; null: by the number of jobs. */
      readonly memoryBytes: number | null;
    };
  };
}

export type StageName = keyof Stages;

/** One node of the plan. */
export interface StepOf<S extends StageName> {
  /** Unique in the plan and stable between runs: `rebuild-srpm:kernel-director`. */
  readonly id: string;
  readonly stage: S;
  /** One short line for people. */
  readonly title: string;
  readonly params: Stages[S]['params'];
  readonly inputs: Stages[S]['inputs'];
  readonly hints: Stages[S]['hints'];
}
export type Step = { [S in StageName]: StepOf<S> }[StageName];

/** Steps in an order in which every step stands after its inputs. */
export interface Plan {
  readonly recipe: string;
  readonly steps: readonly Step[];
}

/** The artifacts that a stage gets for its handles: one for a Handle, a list for a list of Handles. */
export type Resolved<I> = {
  readonly [Role in keyof I]: I[Role] extends Handle<infer K>
    ? Artifact<K>
    : I[Role] extends readonly Handle<infer K>[]
      ? readonly Artifact<K>[]
      : never;
};

/** A handle with the role it plays in its step. */
export interface RoleHandle {
  readonly role: string;
  readonly handle: Handle<ArtifactKind>;
  /** Whether the role takes a list. */
  readonly many: boolean;
}

/** Every handle of a step, single or in a list, in a fixed order. */
export function handlesOf(step: Step): RoleHandle[] {
  const inputs = step.inputs as Readonly<Record<string, Handle<ArtifactKind> | readonly Handle<ArtifactKind>[]>>;
  return Object.entries(inputs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([role, value]): RoleHandle[] =>
      'step' in value
        ? [{ role, handle: value, many: false }]
        : value.map((handle): RoleHandle => ({ role, handle, many: true })),
    );
}
