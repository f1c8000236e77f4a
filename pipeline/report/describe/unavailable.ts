import type { Attempt, Failure, FailureOf } from '../../run/failure.ts';
import { plural } from '../units.ts';
import { attemptLines } from './source.ts';
import type { Description } from './description.ts';

/**
 * Everything that could not be had, in one error: each file with every address that was tried, each base image, and what a
 * person can do about all of them together. `words`: those of a failure of any other kind.
 */
export function describeUnavailable(
  { failures }: FailureOf<'Unavailable'>,
  words: (failure: Failure) => Description,
): Description {
  const files = new Map<string, readonly Attempt[]>();
  const images = new Map<string, readonly Attempt[]>();
  const others: Description[] = [];
  for (const failure of failures) {
    if (failure.kind === 'AllMirrorsFailed') collect(files, failure.source, failure.attempts);
    else if (failure.kind === 'NoBaseImage') collect(images, referenceOf(failure), failure.attempts);
    else others.push(words(failure));
  }
  const missing = [
    ...[...files].map(([name, attempts]) => ({ title: `file ${name}`, lines: attemptLines(attempts) })),
    ...[...images].map(([name, attempts]) => ({ title: `base image ${name}`, lines: attemptLines(attempts) })),
    ...others.map(({ short, detail }) => ({ title: short, lines: detail })),
  ];
  const named = [...files.keys(), ...[...images.keys()].map((name) => `base image ${name.replace(/@.*/, '')}`)];
  return {
    short: shortOf(missing.length, named),
    detail: missing.flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)]),
    advice: [
      ...(files.size === 0 ? [] : forFiles([...files.keys()])),
      ...(images.size === 0 ? [] : forImages([...images.keys()])),
      ...new Set(others.flatMap(({ advice }) => advice)),
    ],
  };
}

function shortOf(count: number, named: readonly string[]): string {
  const list = [...named, ...(count > named.length && named.length > 0 ? ['…'] : [])].join(', ');
  return `${plural(count, 'input')} of the build cannot be had${list === '' ? '' : `: ${list}`}`;
}

/** The three ways out, as they are: what the downloads honour and what may be copied was tried. */
function forFiles(names: readonly string[]): string[] {
  return [
    `Bring the files: put ${enumerate(names)} under ${names.length === 1 ? 'that name' : 'those names'} into one directory or on a web server, and use it first: \`bin/factory build --mirror DIR|URL\`; checksums and signatures are checked all the same.`,
    'Or give this machine a way out, or other addresses in `urls` of the recipe.yaml. Behind an HTTP proxy: set NODE_USE_ENV_PROXY=1 beside HTTP_PROXY, HTTPS_PROXY and NO_PROXY, with Node.js 22.21, 24.5 or later; older ones download past any proxy.',
    'Or fetch where there is a way out: `bin/factory fetch` in an equal checkout there, then copy its artifacts/store and artifacts/ledger into artifacts/ here; what was fetched there is not fetched again.',
  ];
}

function forImages(references: readonly string[]): string[] {
  return [
    `Let the engine reach a registry: its own proxy settings (HTTPS_PROXY in the environment of its service), or for docker.io a mirror ("registry-mirrors" in its daemon.json); to try: ${references.map((reference) => `\`docker pull ${reference}\``).join(', ')}.`,
    'Or bring a root file system tarball: name it as a source with its sha256 in the recipe.yaml and as `rootfs` of the base in place of image and digest; `--mirror DIR` finds it as well. A Debian base is also made by mmdebstrap, where that is installed.',
    'Or bring the image: `docker save IMAGE` where it is, `docker load` here, and say that this is the base: `--base-image NAME=IMAGE` (a loaded image no longer knows its digest: it counts because you say so). A ready builder needs no base: `--builder-image IMAGE`.',
  ];
}

function referenceOf({ image, digest }: FailureOf<'NoBaseImage'>): string {
  return digest === undefined ? image : `${image}@${digest}`;
}

/** The same thing may be wanted by several steps: each of its addresses is told once. */
function collect(all: Map<string, readonly Attempt[]>, name: string, attempts: readonly Attempt[]): void {
  const before = all.get(name) ?? [];
  const known = new Set(before.map(({ url, reason }) => `${url}\0${reason}`));
  all.set(name, [...before, ...attempts.filter(({ url, reason }) => !known.has(`${url}\0${reason}`))]);
}

/** `a`, `a and b`, `a, b and c`. */
function enumerate(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
}
