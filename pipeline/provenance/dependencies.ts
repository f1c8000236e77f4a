import type { Sha256 } from '../plan/artifact.ts';
import { type Account, contentOf, imageOf, outputOf, pastOf } from './account.ts';
import { fileRefsIn } from './file-refs.ts';
import type { ResourceDescriptor } from './in-toto.ts';
import { ociPurl } from './purl.ts';
import { allUpstream } from './upstream.ts';

/**
 * Everything that a snapshot was made of: fetched files, files of the recipe and of the factory, images. Sorted by kind and
 * name. What nobody else has (our own files, package sets) comes along as a whole.
 */
export function dependenciesOf(account: Account): readonly ResourceDescriptor[] {
  return [...sources(account), ...ownFiles(account), ...bases(account), ...images(account)].sort((a, b) =>
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

function ownFiles(account: Account): ResourceDescriptor[] {
  const { history } = account;
  const patches = new Set(
    pastOf(history, 'assemble-srpm').flatMap(
      ({ step }) => step.params.patches?.files.map(({ sha256 }) => sha256) ?? [],
    ),
  );
  return fileRefsIn(history.map(({ step }) => step.params)).map(({ root, path, sha256 }) => ({
    name: `${root}/${path}`,
    digest: { sha256 },
    ...contentIn(account, sha256),
    annotations: { kind: root === 'factory' ? 'script' : patches.has(sha256) ? 'patch' : 'recipe-file' },
  }));
}

/** Bytes: a provenance is text that people open. What is larger is named by its digest alone. */
const LARGEST = 1024 * 1024;

function contentIn(account: Account, digest: Sha256): Pick<ResourceDescriptor, 'content'> {
  const bytes = contentOf(account, digest);
  return bytes.length > LARGEST ? {} : { content: bytes.toString('base64') };
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
      annotations: { kind: 'base-image', identity: base, step: step.id },
    };
  });
}

/** The descriptor is what has the digest. */
function images(account: Account): ResourceDescriptor[] {
  const built = pastOf(account.history, 'builder-image');
  const sets = built.map(({ record }): ResourceDescriptor => {
    const { name, digest } = outputOf(record, 'packages');
    const annotations = { kind: 'packages' };
    return { name, digest: { sha256: digest }, ...contentIn(account, digest), mediaType: 'text/plain', annotations };
  });
  const all = [...built, ...pastOf(account.history, 'given-image')].map(({ record }): ResourceDescriptor => {
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
  return [...sets, ...all];
}
