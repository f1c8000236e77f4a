import type { ExchangeFailure } from './exchange-failure.ts';
import type { VerificationFailure } from './verification-failure.ts';

/** A failed attempt at one mirror. */
export interface Attempt {
  readonly url: string;
  readonly reason: string;
}
/** How two sets of packages differ; every entry names package, architecture and version. */
export interface PackageDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly name: string; readonly locked: string; readonly got: string }[];
}
/** One finding in a recipe, with its place (1-based). */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  /** Path of the file, when that is not the recipe itself but a series or a patch. */
  readonly file?: string;
}

/**
 * Everything that can go wrong, by name and with exactly the fields that its message needs. Words are made at the edge
 * (report/describe.ts), so a failure can be counted, tested and annotated without parsing text.
 */
export type Failure =
  // usage
  | { readonly kind: 'Usage'; readonly message: string; readonly advice?: string }
  | {
      readonly kind: 'RecipeInvalid';
      readonly file: string;
      readonly problems: readonly Problem[];
      /** What the file describes, when that is no recipe. */
      readonly what?: 'cluster';
    }
  | {
      readonly kind: 'LockHeld';
      readonly path: string;
      readonly pid: number;
      readonly host: string;
      readonly since: string;
      readonly command: string;
    }
  // source
  | { readonly kind: 'AllMirrorsFailed'; readonly source: string; readonly attempts: readonly Attempt[] }
  | {
      readonly kind: 'ChecksumMismatch';
      readonly source: string;
      readonly want: string;
      readonly got: string;
      readonly mirror: string;
    }
  | { readonly kind: 'SourceNotLocked'; readonly source: string }
  | { readonly kind: 'ImageNotLocked'; readonly image: string }
  /** An image consists of something else than the lock says. */
  | {
      readonly kind: 'ImageNotAsLocked';
      readonly image: string;
      readonly difference: PackageDifference | { readonly locked: string; readonly got: string };
    }
  /** The archive no longer has what the lock names. `offered`: what `factory lock` would take; null: nothing of that name. */
  | {
      readonly kind: 'LockedVersionGone';
      /** The source, or `image <name>`. */
      readonly what: string;
      readonly packages: readonly { readonly name: string; readonly locked: string; readonly offered: string | null }[];
    }
  /** Something in a directory that `factory vendor` made is not what the index or the lock says. */
  | { readonly kind: 'VendorInvalid'; readonly dir: string; readonly path: string; readonly detail: string }
  /** A registry of images does not do what it is asked for. `image`: with its tag or digest; `reason`: what it or the engine says. */
  | { readonly kind: 'RegistryFailed'; readonly registry: string; readonly image: string; readonly reason: string }
  | { readonly kind: 'SourceMissing'; readonly source: string; readonly detail: string }
  | { readonly kind: 'AptFailed'; readonly source: string; readonly code: string; readonly detail: string }
  | { readonly kind: 'Offline'; readonly step: string; readonly what: string }
  /** The signature of a source package does not count. `code` is that of verify-srpm.sh. */
  | {
      readonly kind: 'SignatureInvalid';
      readonly source: string;
      readonly file: string;
      readonly code: string;
      readonly detail: string;
    }
  /** No key material with a pinned fingerprint could be had. */
  | {
      readonly kind: 'KeyMissing';
      readonly source: string;
      readonly keys: readonly { readonly name: string; readonly fingerprint: string }[];
      readonly attempts: readonly Attempt[];
    }
  /** Several inputs could not be had, told at once: nobody wants to learn of them one by one. */
  | { readonly kind: 'Unavailable'; readonly failures: readonly Failure[] }
  // build
  | {
      readonly kind: 'ImageBuildFailed';
      readonly image: string;
      readonly step: string;
      readonly tail: readonly string[];
    }
  | {
      readonly kind: 'ContainerExit';
      readonly step: string;
      readonly code: number;
      readonly oom: boolean;
      readonly tail: readonly string[];
    }
  | {
      readonly kind: 'ContainerIdle';
      readonly step: string;
      readonly seconds: number;
      readonly tail: readonly string[];
    }
  /** It has as many processes as a container may have, and wants more. */
  | {
      readonly kind: 'TooManyProcesses';
      readonly step: string;
      readonly limit: number;
      readonly tail: readonly string[];
    }
  | { readonly kind: 'ContainerVanished'; readonly step: string; readonly detail: string }
  /** A step script, or the spec that it built, said itself what is wrong. */
  | {
      readonly kind: 'StepFailed';
      readonly step: string;
      readonly code: string;
      readonly detail: string;
      readonly tail: readonly string[];
    }
  /** A patch brings Kconfig symbols that nothing gives a value: RHEL's nonint_oldconfig would die of them. */
  | {
      readonly kind: 'KconfigWithoutValue';
      readonly package: string;
      readonly patch: string;
      readonly symbols: readonly string[];
    }
  /** RHEL's ApplyOptionalPatch passes over patches of so few lines without a word. */
  | { readonly kind: 'PatchIgnored'; readonly patch: string; readonly lines: number }
  | { readonly kind: 'ReceiptMismatch'; readonly step: string; readonly detail: string }
  | { readonly kind: 'HostileArchive'; readonly archive: string; readonly member: string; readonly reason: string }
  | {
      readonly kind: 'EditMismatch';
      readonly file: string;
      readonly line: string;
      readonly matches: readonly number[];
      readonly near: readonly string[];
    }
  | {
      readonly kind: 'PatchRejected';
      readonly patch: string;
      readonly file: string;
      readonly hunk: string;
      readonly reject: readonly string[];
      /** What the script found out about it: `it would apply with fuzz 1`. */
      readonly remark?: string;
    }
  | {
      readonly kind: 'ConfigNotKept';
      readonly step: string;
      readonly symbols: readonly { readonly name: string; readonly want: string; readonly got: string }[];
    }
  | {
      readonly kind: 'WrongPackages';
      readonly step: string;
      readonly want: readonly string[];
      readonly got: readonly string[];
    }
  | VerificationFailure
  | ExchangeFailure
  // environment
  | { readonly kind: 'EngineUnavailable'; readonly endpoint: string; readonly reason: string; readonly advice: string }
  | { readonly kind: 'EngineTooOld'; readonly have: string; readonly need: string }
  | { readonly kind: 'DiskFull'; readonly path: string; readonly detail: string }
  | {
      readonly kind: 'NoBaseImage';
      readonly image: string;
      readonly digest?: string;
      readonly attempts: readonly Attempt[];
    }
  | { readonly kind: 'ImageMissing'; readonly image: string; readonly advice: string }
  | { readonly kind: 'HostUnsuited'; readonly what: string; readonly detail: string; readonly advice: string }
  // the rest
  | { readonly kind: 'Cancelled' }
  | { readonly kind: 'Internal'; readonly message: string; readonly stack: string };

export type FailureKind = Failure['kind'];
/** A failure of one kind. */
export type FailureOf<K extends FailureKind> = Extract<Failure, { kind: K }>;

/** A failure on its way to the edge. */
export class FactoryError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.kind, options);
    this.name = 'FactoryError';
    this.failure = failure;
  }
}

/** The failure in anything that was thrown: a FactoryError's own, ENOSPC and EDQUOT as DiskFull, all else Internal. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof FactoryError) return thrown.failure;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { kind: 'DiskFull', path: path ?? '', detail: error.message };
  return { kind: 'Internal', message: error.message, stack: error.stack ?? '' };
}
