import type { FailureOf } from '../../run/failure.ts';
import { attemptLines } from './source.ts';
import type { Description } from './description.ts';

/** The container engine does not answer. */
export function engineUnavailable(failure: FailureOf<'EngineUnavailable'>): Description {
  return {
    short: `no container engine at ${failure.endpoint}: ${failure.reason}`,
    detail: [`endpoint  ${failure.endpoint}`, `reason    ${failure.reason}`],
    advice: [
      ...(failure.advice === '' ? [] : [failure.advice]),
      'See what is found and what is missing: `bin/factory doctor`. Another engine: `--engine unix:///path/to/docker.sock`.',
    ],
  };
}

/** The engine is older than what is used of it. */
export function engineTooOld(failure: FailureOf<'EngineTooOld'>): Description {
  return {
    short: `the container engine is too old: it speaks API ${failure.have}, ${failure.need} is needed`,
    detail: [`have  ${failure.have}`, `need  ${failure.need}`],
    advice: [
      'Update the engine (Docker 20.10 or later), or use another one: `--engine tcp://host:2375`.',
      'See what is found: `bin/factory doctor`.',
    ],
  };
}

/** A registry of images refuses, or does not answer. */
export function registryFailed({ registry, image, reason }: FailureOf<'RegistryFailed'>): Description {
  return {
    short: `the registry ${registry} does not take or give ${image}: ${reason}`,
    detail: [`image   ${image}`, `reason  ${reason}`],
    advice: [
      `If it wants a login: set FACTORY_REGISTRY_USER and FACTORY_REGISTRY_PASSWORD, which go only to the registry that --image-cache (or FACTORY_IMAGE_CACHE) names; or \`docker login ${registry}\`.`,
      'If it does not answer, try again: what has arrived there is not sent again. The engine asks it, not this program: its proxy and its "insecure-registries" count.',
    ],
  };
}

/** No space left, or the quota is used up. */
export function diskFull(failure: FailureOf<'DiskFull'>): Description {
  const where = failure.path === '' ? '' : ` at ${failure.path}`;
  return {
    short: `no space left${where}`,
    detail: [failure.detail],
    advice: [
      'Remove what no latest result needs: `bin/factory prune`; it says how much it freed.',
      'Images and volumes of others: `docker system df`. How much a build needs and what there is: `bin/factory doctor`.',
    ],
  };
}

/** No base image from a registry, and no other way to make one. */
export function noBaseImage(failure: FailureOf<'NoBaseImage'>): Description {
  const reference = failure.digest === undefined ? failure.image : `${failure.image}@${failure.digest}`;
  return {
    short: `cannot get the base image ${failure.image}`,
    detail: [...(failure.digest === undefined ? [] : [`digest  ${failure.digest}`]), ...attemptLines(failure.attempts)],
    advice: [
      `Let the engine reach a registry that has it (network, proxy, registry mirror), and build without \`--offline\`; to try: \`docker pull ${reference}\`.`,
      'Or bring it along: `docker save` where it is, `docker load` here, and say that this is the base: `--base-image NAME=IMAGE` (a loaded image no longer knows its digest: it counts because you say so); or name a builder of your own: `--builder-image IMAGE`; or a root file system tarball: `rootfs` of the base in the recipe.yaml.',
      'A Debian base can also be bootstrapped on a Debian host with mmdebstrap. See what is there: `bin/factory doctor`.',
    ],
  };
}

/** The user named an image that the engine does not have. */
export function imageMissing(failure: FailureOf<'ImageMissing'>): Description {
  return { short: `the engine has no image ${failure.image}`, detail: [], advice: [failure.advice] };
}

/** The host's kernel cannot run what the image holds. */
export function hostUnsuited(failure: FailureOf<'HostUnsuited'>): Description {
  return { short: failure.what, detail: [failure.detail], advice: [failure.advice] };
}

/** The user or the system asked to stop. */
export function cancelled(): Description {
  return {
    short: 'cancelled',
    detail: [],
    advice: ['Start the same command again: steps that were finished are kept.'],
  };
}

/** A bug of ours, or something that nobody thought of. */
export function internal(failure: FailureOf<'Internal'>): Description {
  return {
    short: `internal error: ${failure.message.split('\n')[0] ?? ''}`,
    detail: failure.stack === '' ? failure.message.split('\n') : failure.stack.split('\n'),
    advice: [
      'This is a bug in the factory. Run the command again: finished steps are kept.',
      'If it happens again, report it with the lines above, the output of `bin/factory doctor`, and the run directory (summary.json, events.jsonl; look for secrets first).',
    ],
  };
}
