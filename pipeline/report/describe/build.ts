import type { FailureOf } from '../../run/failure.ts';
import { plural } from '../units.ts';
import type { Description } from './description.ts';

const lookInside = (step: string): string =>
  `Look around where it failed, in the same image with the same files: \`bin/factory shell ${step}\`.`;

/** `docker build` of one of our images failed. */
export function imageBuildFailed(failure: FailureOf<'ImageBuildFailed'>): Description {
  return {
    short: `image ${failure.image} could not be built: ${failure.tail.at(-1) ?? 'no output'}`,
    detail: [`image  ${failure.image}`, `step   ${failure.step}`],
    advice: [
      'If a package could not be downloaded, check the network and the mirrors: `bin/factory doctor`; then try again.',
      `Otherwise correct dockerfiles/${failure.image}/; only steps that use this image run again.`,
    ],
  };
}

/** A command in a container ended with an exit code other than 0. */
export function containerExit(failure: FailureOf<'ContainerExit'>): Description {
  if (failure.oom) {
    return {
      short: `${failure.step} was killed because the memory ran out`,
      detail: [`exit code ${failure.code}, killed by the kernel's out-of-memory killer`],
      advice: [
        'Use fewer threads: `bin/factory build --jobs 2` needs roughly 1 GB per job.',
        'Or give the engine more memory (Docker Desktop: Settings, Resources). See what it has: `bin/factory doctor`.',
        'A package whose build needs more than that gets it with `memoryMiB` in the recipe.yaml.',
      ],
    };
  }
  return {
    short: `${failure.step} failed with exit code ${failure.code}`,
    detail: signalOf(failure.code),
    advice: [
      'Read the last lines of the log; the first error is often further up in the full log.',
      lookInside(failure.step),
    ],
  };
}

/** Shells report a death by signal as 128 + its number. */
function signalOf(code: number): string[] {
  const names: Readonly<Record<number, string>> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  const name = names[code];
  return name === undefined ? [] : [`exit code ${code}: a program was ended by ${name}`];
}

/** No output for so long that it was killed. */
export function containerIdle(failure: FailureOf<'ContainerIdle'>): Description {
  return {
    short: `${failure.step} printed nothing for ${failure.seconds} s and was stopped`,
    detail: [`last line: ${failure.tail.at(-1) ?? '(none at all)'}`],
    advice: [
      'If the machine was merely overloaded, try again with fewer threads: `bin/factory build --jobs 1`.',
      `If it waits for an answer (a new kernel option asks for one), see for yourself: \`bin/factory shell ${failure.step}\`.`,
    ],
  };
}

/** It wanted more processes than a container may have. */
export function tooManyProcesses(failure: FailureOf<'TooManyProcesses'>): Description {
  return {
    short: `${failure.step} was stopped: it wanted more than ${failure.limit} processes`,
    detail: [`last line: ${failure.tail.at(-1) ?? '(none at all)'}`],
    advice: [
      'Something in it starts processes without end, or far too many compilers run at once: `bin/factory build --jobs 8`.',
      lookInside(failure.step),
    ],
  };
}

/** The container went away while it was in use. */
export function containerVanished(failure: FailureOf<'ContainerVanished'>): Description {
  return {
    short: `the container of ${failure.step} vanished: ${failure.detail}`,
    detail: [],
    advice: [
      'Something else removed it: a `docker system prune`, a restart of the engine, a clean-up job. Run the build again; finished steps are kept.',
      'See whether the engine is well: `bin/factory doctor`.',
    ],
  };
}

/** The output is not what the step's own receipt says. */
export function receiptMismatch(failure: FailureOf<'ReceiptMismatch'>): Description {
  return {
    short: `output of ${failure.step} does not match its receipt: ${failure.detail}`,
    detail: [],
    advice: [
      'Nothing of it was kept. Run the build again: a broken transfer or a full disk in the container ends like this.',
      `If it happens again, the step's script writes a wrong receipt: \`bin/factory shell ${failure.step}\`.`,
    ],
  };
}

/** An archive holds something that must not be unpacked. */
export function hostileArchive(failure: FailureOf<'HostileArchive'>): Description {
  return {
    short: `refused ${failure.archive}: ${failure.member === '' ? '' : `member ${failure.member}: `}${failure.reason}`,
    detail: [`archive  ${failure.archive}`, `member   ${failure.member}`, `reason   ${failure.reason}`],
    advice: [
      'Nothing of it was kept. Find out where the archive comes from before you do anything else with it.',
      'If it is merely larger than others: `limits` in the recipe.yaml (docs/hermetic.md).',
      'If it is a damaged download, take it from another mirror: `bin/factory build --mirror DIR|URL`.',
    ],
  };
}

/** What a build made is not what the recipe says. */
export function wrongPackages(failure: FailureOf<'WrongPackages'>): Description {
  const missing = failure.want.filter((name) => !failure.got.includes(name));
  const extra = failure.got.filter((name) => !failure.want.includes(name));
  const list = (names: readonly string[]): string => (names.length === 0 ? '(none)' : names.join(', '));
  return {
    short: `${failure.step} made the wrong packages: ${plural(missing.length, 'missing', 'missing')}, ${extra.length} not expected`,
    detail: [
      `missing       ${list(missing)}`,
      `not expected  ${list(extra)}`,
      `as wanted     ${list(failure.want.filter((name) => failure.got.includes(name)))}`,
    ],
    advice: [
      'Correct the list of the package in recipe.yaml (`produces`), or the spec that makes it.',
      lookInside(failure.step),
    ],
  };
}
