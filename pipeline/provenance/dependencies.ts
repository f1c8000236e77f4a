import { type Account, imageOf, outputOf, pastOf } from './account.ts';
import { fileRefsIn } from './file-refs.ts';
import type { ResourceDescriptor } from './in-toto.ts';
import { ociPurl } from './purl.ts';
import { allUpstream } from './upstream.ts';

/** Everything that a snapshot was made of: fetched files, files of the recipe, images. Sorted by kind and name. */
export function dependenciesOf(account: Account): readonly ResourceDescriptor[] {
  return [...sources(account), ...recipeFiles(account), ...bases(account), ...images(account)].sort((a, b) =>
    orderOf(a) < orderOf(b) ? -1 : 1,
  );
}

function orderOf({ name, digest, annotations }: ResourceDescriptor): string {
  return JSON.stringify([annotations?.kind, name, digest]);
}

function sources(account: Account): ResourceDescriptor[] {
  // Those of the recipe's own folder are among its files.
  return allUpstream(account)
    .filter(({ step }) => !step.startsWith('fetch-file:'))
    .map(({ step, file, digest, url, purl, version, trust, keys }) => ({
      name: file,
      uri: url ?? purl,
      digest: { sha256: digest },
      annotations: { kind: 'source', step, trust, keys, ...(version === null ? {} : { version }) },
    }));
}

function recipeFiles({ history }: Account): ResourceDescriptor[] {
  const patches = new Set(
    pastOf(history, 'assemble-srpm').flatMap(
      ({ step }) => step.params.patches?.files.map(({ sha256 }) => sha256) ?? [],
    ),
  );
  return fileRefsIn(history.map(({ step }) => step.params))
    .filter(({ root }) => root !== 'factory')
    .map(({ root, path, sha256 }) => ({
      name: `${root}/${path}`,
      digest: { sha256 },
      annotations: { kind: patches.has(sha256) ? 'patch' : 'recipe-file' },
    }));
}

/** Bases are named by their digest in the registry, or by the digest of the tree where one was bootstrapped or imported. */
function bases(account: Account): ResourceDescriptor[] {
  return pastOf(account.history, 'base-image').map(({ step, record }) => {
    const { image, name } = step.params;
    const { base } = imageOf(account, record).descriptor;
    const digest = base.replace(/^.*:/, '');
    return {
      name: image ?? name,
      ...(image !== null && base.startsWith('registry:') ? { uri: ociPurl(image, `sha256:${digest}`) } : {}),
      digest: { sha256: digest },
      annotations: { kind: 'base-image', identity: base },
    };
  });
}

/** The descriptor is what has the digest; it comes along as a whole, because nobody else has it. */
function images(account: Account): ResourceDescriptor[] {
  return [...pastOf(account.history, 'builder-image'), ...pastOf(account.history, 'given-image')].map(({ record }) => {
    const { descriptor, bytes } = imageOf(account, record);
    return {
      name: descriptor.name,
      digest: { sha256: outputOf(record, 'image').digest },
      content: bytes.toString('base64'),
      mediaType: 'application/json',
      annotations: {
        kind: 'image',
        base: descriptor.base,
        ...(descriptor.context === null ? {} : { contextSha256: descriptor.context }),
        ...(descriptor.packages === null ? {} : { packagesSha256: descriptor.packages }),
      },
    };
  });
}
