import { z } from 'zod';
import { REGISTRY_PATH } from '../plan/registry.ts';
import { line, name, path, strict } from './schema-parts.ts';

const imageReference = line.regex(/^[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._-]+)+$/, {
  error: 'must be registry/path, without tag',
});

/** An image that others start from: one of a registry, or a root file system. */
export const baseSchema = strict({
  image: imageReference.optional().describe('Image in its registry'),
  digest: line
    .regex(/^sha256:[0-9a-f]{64}$/, { error: 'must be sha256: and 64 hex digits' })
    .optional()
    .describe('Digest of the image: what is pulled verifies itself'),
  rootfs: name.optional().describe('Instead of image and digest: a source that is a tar file of a root file system'),
  bootstrap: strict({
    suite: name.describe('Suite of the distribution'),
    script: path.describe('Script that makes the root file system, below the repository'),
  })
    .optional()
    .describe('How to make an equal base where no registry answers'),
  requires: z
    .array(z.enum(['vsyscall']).describe('What the kernel of the engine must offer'))
    .optional()
    .describe('What the programs in the image need of the kernel that they run on'),
});

/** An image of ours. */
export const imageSchema = strict({
  context: name.describe('Folder below dockerfiles/'),
  from: name.describe('Name of a base'),
  cache: line
    .regex(REGISTRY_PATH, {
      error: 'must be registry/path, as in ghcr.io/acme/fullnat: with a host, without scheme and tag',
    })
    .optional()
    .describe(
      'Where in a registry the image is looked for before it is made: <cache>/<context>. --image-cache overrides it',
    ),
});

/** A key of upstream: only the fingerprint is trusted, wherever the material comes from. */
export const keySchema = strict({
  fingerprint: line
    .regex(/^[0-9A-F]{40}$/, { error: 'must be 40 hex digits in capitals, without spaces' })
    .describe('Fingerprint of the primary key'),
  image: strict({
    base: name.describe('Name of a base'),
    path: line.regex(/^\/\S+$/, { error: 'must be an absolute path' }).describe('Key file in that image'),
  })
    .optional()
    .describe('A base that brings the key along'),
  urls: z
    .array(line.regex(/^https?:\/\/[^\s/]+\/\S+$/, { error: 'must be an http or https URL of a file' }))
    .optional()
    .describe('Where the key can be downloaded, in this order'),
});
