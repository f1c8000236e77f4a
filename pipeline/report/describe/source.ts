import type { Attempt, FailureOf } from '../../run/failure.ts';
import { plural } from '../units.ts';
import type { Description } from './description.ts';

/** One line per attempt, and a second one with its reason. */
export function attemptLines(attempts: readonly Attempt[]): string[] {
  return attempts.flatMap((attempt) => [attempt.url, `    ${attempt.reason}`]);
}

/** No mirror gave the file. */
export function allMirrorsFailed(failure: FailureOf<'AllMirrorsFailed'>): Description {
  const { source, attempts } = failure;
  const last = attempts.at(-1);
  return {
    short:
      `cannot fetch ${source}: ` +
      (last === undefined ? 'it has no mirror' : `${plural(attempts.length, 'attempt')} failed, last: ${last.reason}`),
    detail: attemptLines(attempts),
    advice: [
      `Name another place to look: \`bin/factory build --mirror https://mirror.example/path\`.`,
      `Or fetch ${source} elsewhere, put the file into a directory and use that: \`bin/factory build --mirror DIR\`; its checksum is checked all the same.`,
      'Or try later: what is fetched already is kept, and a partial download is continued.',
      'If every address fails, check the way out of this machine (proxy, DNS): `bin/factory doctor`.',
    ],
  };
}

/** A mirror gave other bytes than the lock says. */
export function checksumMismatch(failure: FailureOf<'ChecksumMismatch'>): Description {
  const from = failure.mirror;
  return {
    short: `wrong checksum: ${failure.source === '' ? 'bytes for the store' : failure.source}${from === '' ? '' : ` from ${from}`}`,
    detail: [`want  ${failure.want}`, `got   ${failure.got}`, ...(from === '' ? [] : [`from  ${from}`])],
    advice: [
      'The bytes were thrown away. Use another mirror first: `bin/factory build --mirror DIR|URL`.',
      'If upstream has really replaced the file, find out why; only then lock the new bytes: `bin/factory lock`.',
    ],
  };
}

/** `--frozen` and no checksum to compare with. */
export function sourceNotLocked(failure: FailureOf<'SourceNotLocked'>): Description {
  return {
    short: `${failure.source} has no checksum in lock.json, and --frozen accepts only locked sources`,
    detail: [],
    advice: [
      'Lock it on a machine that you trust, look at the change and commit it: `bin/factory lock`.',
      'Or use the lock that came with a vendored directory: `--lock DIR/lock.json`.',
      'Or build without `--frozen`; the manifest then says that the source was not locked.',
    ],
  };
}

/** Something that was named is not there: a file of an archive, a field of a source, a secret key, an image. */
export function sourceMissing(failure: FailureOf<'SourceMissing'>): Description {
  return {
    short: `${failure.source} is missing: ${failure.detail.split('\n')[0] ?? ''}`,
    detail: failure.detail.includes('\n') ? failure.detail.split('\n') : [],
    advice: [
      'If recipe.yaml names it (a file in an archive, a version), upstream may call it something else now: correct the recipe and check it: `bin/factory plan`.',
      'If it belongs to this machine (a secret key, an image), copy it from the machine that has it; what is here: `bin/factory doctor`.',
    ],
  };
}

/** apt could not give the package. */
export function aptFailed(failure: FailureOf<'AptFailed'>): Description {
  return {
    short: `apt cannot give ${failure.source}: ${failure.code}`,
    detail: failure.detail.split('\n'),
    advice: [
      'If the locked version has left the archive, lock the one that is there now: `bin/factory lock`.',
      'If apt could not reach its mirrors, check them: `bin/factory doctor`; then try again.',
    ],
  };
}

/** The network is needed, but `--offline` forbids it. */
export function offline(failure: FailureOf<'Offline'>): Description {
  return {
    short: `${failure.step} needs the network for ${failure.what}, but --offline is set`,
    detail: [],
    advice: [
      'Run `bin/factory fetch` once with a network; everything fetched is kept in the store for offline builds.',
      'Or collect all that a build takes from outside, images too, where there is a network: `bin/factory vendor DIR`; then `--mirror DIR` here.',
      'Or build without `--offline`; with `--mirror DIR` only what DIR lacks comes over the network.',
    ],
  };
}
