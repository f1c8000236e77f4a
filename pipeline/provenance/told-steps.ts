import { z } from 'zod';
import type { Artifact } from '../plan/artifact.ts';
import { artifactSchema, inputsSchema } from '../run/record-schema.ts';
import type { Identity } from '../run/record.ts';
import type { SlsaProvenance, Statement } from './in-toto.ts';

/** A step as a provenance tells of it. */
export interface ToldStep extends Pick<Identity, 'stage' | 'version' | 'inputs'> {
  readonly id: string;
  readonly key: string;
  /** Complete, with the scripts; null: a provenance does not tell them (keys, names of images on somebody's machine). */
  readonly params: Readonly<Record<string, unknown>> | null;
  readonly outputs: readonly Artifact[];
}

const object = z.record(z.string(), z.unknown());

const stepSchema = z.object({
  id: z.string(),
  stage: z.string(),
  version: z.int(),
  key: z.string(),
  params: object.optional(),
  scripts: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
  inputs: inputsSchema,
  outputs: z.array(artifactSchema),
});

const packagesSchema = z.array(z.object({ name: z.string(), assemble: object, rebuild: object }));

/**
 * The steps of a provenance, in order, each with all its params. Throws a TypeError when it does not tell them: before the
 * order of the scripts was told, it did not say enough to do the same again.
 */
export function toldSteps({ predicate }: Statement<SlsaProvenance>): readonly ToldStep[] {
  const { externalParameters, internalParameters } = predicate.buildDefinition;
  const steps = z.array(stepSchema).safeParse(internalParameters.steps);
  const packages = packagesSchema.safeParse(externalParameters.packages);
  if (!steps.success) throw incomplete('internalParameters.steps', steps.error);
  if (!packages.success) throw incomplete('externalParameters.packages', packages.error);
  const external = new Map<string, Readonly<Record<string, unknown>>>(
    packages.data.flatMap(({ name, assemble, rebuild }) => [
      [`assemble-srpm:${name}`, assemble] as const,
      [`rebuild-srpm:${name}`, rebuild] as const,
    ]),
  );
  return steps.data.map(({ params, scripts, ...step }) => {
    const told = params ?? external.get(step.id);
    return { ...step, params: told === undefined ? null : { ...told, ...withScripts(scripts) } };
  });
}

function withScripts(scripts: readonly { readonly path: string; readonly sha256: string }[]): object {
  return scripts.length === 0 ? {} : { scripts: scripts.map((script) => ({ root: 'factory', ...script })) };
}

function incomplete(where: string, { issues }: z.core.$ZodError): TypeError {
  const [first] = issues;
  return new TypeError(`${[where, ...(first?.path ?? [])].join('.')}: ${first?.message ?? 'missing'}`);
}
