import { z } from 'zod';
import type { Artifact, ArtifactKind, Sha256 } from '../plan/artifact.ts';
import type { StepRecord } from './record.ts';

/** Complete by construction: a new kind without a line here does not compile. */
const KINDS: Readonly<Record<ArtifactKind, true>> = {
  source: true,
  'source-info': true,
  origin: true,
  image: true,
  packages: true,
  srpm: true,
  rpm: true,
  'signed-srpm': true,
  'signed-rpm': true,
  config: true,
  'public-key': true,
  snapshot: true,
  rootfs: true,
  evidence: true,
  pair: true,
  'install-manifest': true,
  devices: true,
  'host-file': true,
  pointer: true,
};

const sha256 = z.custom<Sha256>((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), 'not a sha256');
const kind = z.custom<ArtifactKind>((value) => typeof value === 'string' && Object.hasOwn(KINDS, value), 'not a kind');

/** An artifact as records and provenances have it. */
export const artifactSchema: z.ZodType<Artifact> = z
  .strictObject({
    kind,
    name: z.string(),
    digest: sha256,
    size: z.int().nonnegative(),
    engineId: z.string().optional(),
  })
  .transform(({ engineId, ...rest }) => (engineId === undefined ? rest : { ...rest, engineId }));

/** The inputs of an identity: by role, in order. */
export const inputsSchema = z.record(
  z.string(),
  z.array(z.strictObject({ kind: z.string(), name: z.string(), digest: z.string() })).readonly(),
);

const identity = z.strictObject({
  stage: z.string(),
  version: z.int(),
  params: z.unknown(),
  inputs: inputsSchema,
});

/** A ledger record as it is read from disk. */
export const stepRecordSchema: z.ZodType<StepRecord> = z.strictObject({
  schema: z.literal(1),
  key: sha256,
  step: z.string().min(1),
  identity,
  outputs: z.array(artifactSchema).readonly(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  startedAt: z.iso.datetime(),
  ms: z.number().nonnegative(),
  log: z.string().nullable(),
  runId: z.string(),
});

/** Which record was made last under a step id. */
export const stepPointerSchema = z.strictObject({ schema: z.literal(1), step: z.string(), key: sha256 });
