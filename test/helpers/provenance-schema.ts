import { z } from 'zod';

/**
 * in-toto Statement v1 with SLSA Provenance v1. No JSON schema of them is published: this is their protobuf definition
 * (in-toto/attestation: v1/statement.proto, v1/resource_descriptor.proto, predicates/provenance/v1/provenance.proto) with
 * what the specifications demand in words: a descriptor has at least one of uri, digest and content; digests are lower-case
 * hex; build type, external parameters and the builder's id are there; ids are URIs. Unknown fields are refused.
 */
const digests = z
  .record(z.string().min(1), z.string().regex(/^[0-9a-f]+$/))
  .refine((set) => Object.keys(set).length > 0, 'an empty digest set');
const uri = z.string().refine((text) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(text) && URL.canParse(text), 'not a URI');
const struct = z.record(z.string(), z.json());

const descriptor = z
  .strictObject({
    name: z.string().optional(),
    uri: uri.optional(),
    digest: digests.optional(),
    content: z.base64().optional(),
    downloadLocation: uri.optional(),
    mediaType: z.string().optional(),
    annotations: struct.optional(),
  })
  .refine((one) => (one.uri ?? one.digest ?? one.content) !== undefined, 'none of uri, digest, content');

const subject = z.strictObject({ name: z.string().min(1), digest: digests });

export const provenanceSchema = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z
    .array(subject)
    .min(1)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two subjects of one name'),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: uri,
      externalParameters: struct,
      internalParameters: struct.optional(),
      resolvedDependencies: z.array(descriptor).optional(),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({
        id: uri,
        version: z.record(z.string(), z.string()).optional(),
        builderDependencies: z.array(descriptor).optional(),
      }),
      metadata: z
        .strictObject({
          invocationId: z.string().optional(),
          startedOn: z.iso.datetime().optional(),
          finishedOn: z.iso.datetime().optional(),
        })
        .optional(),
      byproducts: z.array(descriptor).optional(),
    }),
  }),
});
