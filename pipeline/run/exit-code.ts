import type { Failure, FailureKind } from './failure.ts';

/** Stable exit codes, documented in the README. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  source: 3,
  build: 4,
  verification: 5,
  environment: 6,
  cancelled: 130,
};

const GROUPS: Readonly<Record<FailureKind, number>> = {
  Usage: EXIT.usage,
  RecipeInvalid: EXIT.usage,
  LockHeld: EXIT.usage,
  AllMirrorsFailed: EXIT.source,
  ChecksumMismatch: EXIT.source,
  SourceNotLocked: EXIT.source,
  ImageNotLocked: EXIT.source,
  ImageNotAsLocked: EXIT.source,
  LockedVersionGone: EXIT.source,
  VendorInvalid: EXIT.source,
  SourceMissing: EXIT.source,
  AptFailed: EXIT.source,
  Offline: EXIT.source,
  SignatureInvalid: EXIT.source,
  KeyMissing: EXIT.source,
  Unavailable: EXIT.source,
  ToldMissing: EXIT.source,
  ImageBuildFailed: EXIT.build,
  ContainerExit: EXIT.build,
  ContainerIdle: EXIT.build,
  TooManyProcesses: EXIT.build,
  ContainerVanished: EXIT.build,
  StepFailed: EXIT.build,
  KconfigWithoutValue: EXIT.build,
  PatchIgnored: EXIT.build,
  ReceiptMismatch: EXIT.build,
  HostileArchive: EXIT.build,
  EditMismatch: EXIT.build,
  PatchRejected: EXIT.build,
  ConfigNotKept: EXIT.build,
  WrongPackages: EXIT.build,
  ChecksFailed: EXIT.verification,
  PairMismatch: EXIT.verification,
  StoreCorrupt: EXIT.verification,
  SnapshotInvalid: EXIT.verification,
  FileChanged: EXIT.verification,
  ExchangeInvalid: EXIT.verification,
  ExchangeConflict: EXIT.verification,
  EngineUnavailable: EXIT.environment,
  EngineTooOld: EXIT.environment,
  RegistryFailed: EXIT.environment,
  DiskFull: EXIT.environment,
  NoBaseImage: EXIT.environment,
  ImageMissing: EXIT.environment,
  HostUnsuited: EXIT.environment,
  Cancelled: EXIT.cancelled,
  Internal: EXIT.internal,
};

/** The process exit code for a failure. */
export function exitCodeOf(failure: Failure): number {
  return GROUPS[failure.kind];
}
