import type { Failure } from '../run/failure.ts';
import * as build from './describe/build.ts';
import type { Description } from './describe/description.ts';
import * as edits from './describe/edits.ts';
import * as environment from './describe/environment.ts';
import * as exchange from './describe/exchange.ts';
import * as locked from './describe/locked.ts';
import * as signature from './describe/signature.ts';
import * as source from './describe/source.ts';
import { stepFailed } from './describe/step-codes.ts';
import { describeUnavailable } from './describe/unavailable.ts';
import * as usage from './describe/usage.ts';
import * as verification from './describe/verification.ts';
import { plainText } from './escape.ts';

export type { Description, Location } from './describe/description.ts';

/**
 * A failure in words: what, where, what to do. Total: a failure kind without words does not compile. All lines are safe
 * to print: fields may hold output of foreign programs, with its colours and line breaks.
 */
export function describe(failure: Failure): Description {
  const words = wordsFor(failure);
  return {
    ...words,
    short: plainText(words.short.trim().replaceAll(/\s*\n\s*/g, ' ')),
    detail: words.detail.flatMap((text) => text.split('\n')).map(plainText),
    advice: words.advice.map(plainText),
  };
}

function wordsFor(failure: Failure): Description {
  switch (failure.kind) {
    case 'Usage':
      return usage.usage(failure);
    case 'RecipeInvalid':
      return usage.recipeInvalid(failure);
    case 'LockHeld':
      return usage.lockHeld(failure);
    case 'AllMirrorsFailed':
      return source.allMirrorsFailed(failure);
    case 'ChecksumMismatch':
      return source.checksumMismatch(failure);
    case 'SourceNotLocked':
      return source.sourceNotLocked(failure);
    case 'ImageNotLocked':
      return locked.imageNotLocked(failure);
    case 'ImageNotAsLocked':
      return locked.imageNotAsLocked(failure);
    case 'LockedVersionGone':
      return locked.lockedVersionGone(failure);
    case 'VendorInvalid':
      return locked.vendorInvalid(failure);
    case 'SourceMissing':
      return source.sourceMissing(failure);
    case 'AptFailed':
      return source.aptFailed(failure);
    case 'Offline':
      return source.offline(failure);
    case 'SignatureInvalid':
      return signature.signatureInvalid(failure);
    case 'KeyMissing':
      return signature.keyMissing(failure);
    case 'Unavailable':
      return describeUnavailable(failure, wordsFor);
    case 'StepFailed':
      return stepFailed(failure);
    case 'KconfigWithoutValue':
      return edits.kconfigWithoutValue(failure);
    case 'PatchIgnored':
      return edits.patchIgnored(failure);
    case 'ImageMissing':
      return environment.imageMissing(failure);
    case 'HostUnsuited':
      return environment.hostUnsuited(failure);
    case 'ImageBuildFailed':
      return build.imageBuildFailed(failure);
    case 'ContainerExit':
      return build.containerExit(failure);
    case 'ContainerIdle':
      return build.containerIdle(failure);
    case 'TooManyProcesses':
      return build.tooManyProcesses(failure);
    case 'ContainerVanished':
      return build.containerVanished(failure);
    case 'ReceiptMismatch':
      return build.receiptMismatch(failure);
    case 'HostileArchive':
      return build.hostileArchive(failure);
    case 'WrongPackages':
      return build.wrongPackages(failure);
    case 'EditMismatch':
      return edits.editMismatch(failure);
    case 'PatchRejected':
      return edits.patchRejected(failure);
    case 'ConfigNotKept':
      return edits.configNotKept(failure);
    case 'ChecksFailed':
      return verification.checksFailed(failure);
    case 'PairMismatch':
      return verification.pairMismatch(failure);
    case 'StoreCorrupt':
      return verification.storeCorrupt(failure);
    case 'SnapshotInvalid':
      return verification.snapshotInvalid(failure);
    case 'ToldMissing':
      return verification.toldMissing(failure);
    case 'FileChanged':
      return verification.fileChanged(failure);
    case 'ExchangeInvalid':
      return exchange.exchangeInvalid(failure);
    case 'ExchangeConflict':
      return exchange.exchangeConflict(failure);
    case 'EngineUnavailable':
      return environment.engineUnavailable(failure);
    case 'EngineTooOld':
      return environment.engineTooOld(failure);
    case 'RegistryFailed':
      return environment.registryFailed(failure);
    case 'DiskFull':
      return environment.diskFull(failure);
    case 'NoBaseImage':
      return environment.noBaseImage(failure);
    case 'Cancelled':
      return environment.cancelled();
    case 'Internal':
      return environment.internal(failure);
  }
}

/** The last lines of output that a failure carries; empty for most kinds. */
export function tailOf(failure: Failure): readonly string[] {
  return 'tail' in failure ? failure.tail : [];
}
