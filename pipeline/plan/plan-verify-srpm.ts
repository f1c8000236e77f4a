import type { Source, UpstreamKey } from '../recipe/recipe.ts';
import type { SourcesContext } from './plan-sources.ts';
import { plannedStep, scriptsOf } from './steps.ts';
import type { Made } from './steps.ts';

/** Checks the signature of a fetched source package against the keys that its mirrors name. */
export function planVerifySrpm(
  source: Extract<Source, { kind: 'http' }>,
  fetched: Made<'fetch-http'>,
  { recipe, options, images, add }: SourcesContext,
): Made<'verify-srpm'> {
  const names = [...new Set(source.mirrors.flatMap(({ key }) => key ?? []))];
  const keys = names.map((name) => known(recipe.keys, name));
  const given = options.keyFiles ?? [];
  // A base is not pulled only for its key when the user brings key or builder along.
  const brought =
    given.length > 0 || options.builderImage !== undefined ? [] : keys.flatMap(({ image }) => image ?? []);
  return add(
    plannedStep(
      'verify-srpm',
      source.name,
      `signature of ${source.file}`,
      {
        file: source.file,
        keys: keys.map(({ name, fingerprint }) => ({ name, fingerprint })),
        keyOf: Object.fromEntries(
          source.mirrors.flatMap(({ url, key }) => (key === null ? [] : [[url, known(recipe.keys, key).fingerprint]])),
        ),
        scripts: scriptsOf('verify-srpm', options.scripts),
      },
      {
        publisher: images.image(recipe.publisher),
        srpm: fetched.source,
        origin: fetched.origin,
        images: brought.map(({ base }) => images.base(base)),
      },
      {
        given,
        imagePaths: brought.map(({ path }) => path),
        urls: Object.fromEntries(keys.map(({ name, urls }) => [name, urls])),
      },
    ),
  );
}

function known(keys: readonly UpstreamKey[], name: string): UpstreamKey {
  const key = keys.find((one) => one.name === name);
  if (key === undefined) throw new Error(`key ${name} is not in the recipe`);
  return key;
}
