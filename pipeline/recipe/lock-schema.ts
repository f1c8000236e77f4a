import { z } from 'zod';
import type { Sha256 } from '../plan/artifact.ts';
import { PINNED_IMAGE } from '../plan/registry.ts';
import { fileName, line, name, sha256, strict } from './schema-parts.ts';

const digest = sha256.transform((hex) => hex as Sha256);
const engineId = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, { error: 'must be "sha256:" and 64 lower-case hex digits' })
  .describe("The image's id in the engine that locked it: of an image with these contents, the very one");

const source = {
  kind: z.enum(['http', 'apt']).describe('Kind of the source when it was locked'),
  file: fileName.describe('Name of the file'),
  sha256: digest.describe('Its sha256'),
  size: z.int().nonnegative().describe('Its size in bytes'),
  trust: z
    .enum(['signature', 'published-checksum', 'first-use', 'apt'])
    .describe('Why the digest was believed: a signature, a checksum of upstream, nothing but the first download, apt'),
  package: line.optional().describe('apt: name of the package'),
  version: line.optional().describe('apt: exact version of the package'),
};
const lockedSource = strict({
  ...source,
  upstreamVersion: line.optional().describe('apt: its version without epoch, revision and repack suffix'),
  mirrors: z.array(line).optional().describe("http: the recipe's addresses of it, in order"),
  servedBy: line.optional().describe('http: which of them served it; absent: a mirror of the user did'),
  key: line.optional().describe('http: fingerprint of the key that signed it'),
});

const base = line.describe('registry:sha256:… of a pulled one, tree:sha256:… of a bootstrapped or imported one');
const packageLine = z
  .string()
  .regex(/^[!-~]+ [!-~]+ [!-~]+$/, { error: 'must be "name architecture version"' })
  .describe('Name, architecture and version of one package');
const pushed = line
  .regex(PINNED_IMAGE, { error: 'must be registry/path@sha256: and 64 lower-case hex digits' })
  .optional()
  .describe('The same image in a registry, by digest; absent: not known to be in any');
const lockedImage = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('base'), id: engineId, base, pushed }),
  strict({
    kind: z.literal('built'),
    id: engineId,
    from: name.describe('Name of the base'),
    context: digest.describe('Digest of the folder that it is built from'),
    packages: z.array(packageLine).nonempty().describe('Everything that is installed in it'),
    pushed,
  }),
  strict({ kind: z.literal('given'), id: engineId }),
]);

/** What `factory lock` writes. */
export const lockSchema = strict({
  version: z.literal(2, { error: 'must be 1 or 2' }).describe('Version of this format'),
  sources: z.record(name, lockedSource).describe('What was locked, by source'),
  images: z.record(name, lockedImage).describe('What was locked, by image'),
});

/** The format before images were locked. */
export const lockSchema1 = strict({
  version: z.literal(1),
  sources: z.record(name, strict({ ...source, urls: z.array(line).optional() })),
}).transform(({ sources }): z.output<typeof lockSchema> => ({
  version: 2,
  sources: Object.fromEntries(
    Object.entries(sources).map(([key, { urls, ...rest }]) => [
      key,
      { ...rest, ...(urls === undefined ? {} : { mirrors: urls }) },
    ]),
  ),
  images: {},
}));

/** What one source was when it was locked. */
export type LockedSource = z.output<typeof lockedSource>;
/** What one image was when it was locked. */
export type LockedImage = z.output<typeof lockedImage>;
/** An image that was built from one of our folders. */
export type LockedBuilt = Extract<LockedImage, { kind: 'built' }>;
/** Pinned versions and digests of a recipe's sources, and what its images consist of. */
export type Lock = z.output<typeof lockSchema>;
