import type { Artifact, ArtifactKind } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import type { Handle, Plan, StageName, Stages, Step } from '../plan/step.ts';
import { parseRpmFileName } from '../rpm/nevra.ts';
import { identityOf, keyOf, type RoleArtifacts } from '../run/key.ts';
import type { StepRecord } from '../run/record.ts';
import { fileRefsIn } from './file-refs.ts';
import { type HintSources, hintsFor, pinnedTo } from './told-hints.ts';
import type { ToldStep } from './told-steps.ts';

/** The stages that packages come from, and which of their roles take one artifact and which a list. */
const ROLES: {
  readonly [S in BuildStage]: { readonly [R in keyof Stages[S]['inputs']]: Shape<Stages[S]['inputs'][R]> };
} = {
  'fetch-http': {},
  'fetch-file': {},
  'fetch-apt': { base: 'one' },
  'verify-srpm': { publisher: 'one', srpm: 'one', origin: 'one', images: 'list' },
  'extract-member': { base: 'one', archive: 'one' },
  'repack-tree': { publisher: 'one', archive: 'one' },
  'base-image': { rootfs: 'list' },
  'builder-image': { base: 'one' },
  'given-image': {},
  'assemble-srpm': { builder: 'one', sources: 'list', infos: 'list', patches: 'list', srpm: 'list' },
  'rebuild-srpm': { builder: 'one', srpm: 'one', deps: 'list' },
};
type BuildStage = Extract<
  StageName,
  `fetch-${string}` | `${string}-image` | `${string}-srpm` | 'extract-member' | 'repack-tree'
>;
type Shape<I> = I extends readonly unknown[] ? 'list' : 'one';

/** What a provenance says, as something that can be run. */
export interface ToldPlan {
  readonly plan: Plan;
  /** By key: what each step made, without what only one engine knows. */
  readonly records: ReadonlyMap<string, StepRecord>;
  /** The told key of each of them: pinning a step to what it made changes its key. */
  readonly keys: ReadonlyMap<string, string>;
  /** Files of the recipe and the factory that the steps name. */
  readonly files: readonly FileRef[];
  /** Ids of steps whose key does not follow from what is told: a rebuild would not be the same again. */
  readonly incomplete: readonly string[];
}

/** The steps that lead to `target`, as told. Throws a TypeError for an input that no earlier step made. */
export function toldPlan(recipe: string, told: readonly ToldStep[], target: string, hints: HintSources): ToldPlan {
  const steps: Step[] = [];
  const records = new Map<string, StepRecord>();
  const keys = new Map<string, string>();
  const incomplete: string[] = [];
  for (const one of ancestorsOf(told, target)) {
    const step = stepOf(one, told, hints);
    const inputs = artifactsOf(one, told);
    const { stage } = step;
    if (stage !== 'given-image' && keyOf(identityOf(step, one.version, inputs)) !== one.key) incomplete.push(one.id);
    const pinned = pinnedTo(step, one, hints);
    const identity = identityOf(pinned, one.version, inputs);
    const key = keyOf(identity);
    const rest = { facts: {}, startedAt: NEVER, ms: 0, log: null, runId: 'provenance' };
    steps.push(pinned);
    records.set(key, { schema: 1, key, step: one.id, identity, outputs: one.outputs, ...rest });
    keys.set(key, one.key);
  }
  const files = fileRefsIn(steps.map(({ params }) => params));
  return { plan: { recipe, steps }, records, keys, files, incomplete };
}

/** A provenance has no times. */
const NEVER = new Date(0).toISOString();

/**
 * The step that is told. The cast is safe because the key was made of what the compiler had checked, and is compared with the
 * one that follows from this.
 */
function stepOf(one: ToldStep, told: readonly ToldStep[], hints: HintSources): Step {
  const inputs = Object.fromEntries(
    Object.entries(rolesOf(one)).map(([role, shape]) => {
      const handles = (one.inputs[role] ?? []).map((input): Handle<ArtifactKind> => {
        const { id } = producerOf(one, input, told);
        const named = input.kind === 'rpm' ? { rpmName: parseRpmFileName(input.name).name } : {};
        return { step: id, kind: input.kind as ArtifactKind, ...named };
      });
      return [role, shape === 'list' ? handles : handles[0]];
    }),
  );
  const params = one.params ?? givenImage(one, hints);
  return {
    id: one.id,
    stage: one.stage,
    title: one.id,
    params,
    inputs,
    hints: hintsFor(one, hints),
  } as unknown as Step;
}

function rolesOf({ stage, id }: ToldStep): Readonly<Record<string, 'one' | 'list'>> {
  if (!Object.hasOwn(ROLES, stage)) throw new TypeError(`${id}: packages are not made of what stage ${stage} makes`);
  return ROLES[stage as BuildStage];
}

/** Whatever it was called where the packages were built: what it is says the engine's id, which is in its descriptor. */
function givenImage({ outputs, id }: ToldStep, { engineImage }: HintSources): object {
  const [image] = outputs;
  const reference = image === undefined ? undefined : engineImage(image.digest);
  if (image === undefined || reference === undefined) throw new TypeError(`${id}: neither params nor an image`);
  return { name: image.name, reference, locked: null };
}

function artifactsOf(one: ToldStep, told: readonly ToldStep[]): RoleArtifacts {
  return Object.fromEntries(
    Object.entries(rolesOf(one)).map(([role, shape]) => {
      const artifacts = (one.inputs[role] ?? []).map((input) => outputOf(producerOf(one, input, told), input));
      const [first] = artifacts;
      return [role, shape === 'list' || first === undefined ? artifacts : first];
    }),
  );
}

type Input = ToldStep['inputs'][string][number];

function outputOf(producer: ToldStep, input: Input): Artifact {
  const found = producer.outputs.find((output) => isSame(output, input));
  if (found === undefined) throw new TypeError(`${producer.id} did not make ${input.name}`);
  return found;
}

/** The last one before: what a check lets through has the same digest as what went in. */
function producerOf(consumer: ToldStep, input: Input, told: readonly ToldStep[]): ToldStep {
  const before = told.slice(0, told.indexOf(consumer));
  const producer = before.findLast(({ outputs }) => outputs.some((output) => isSame(output, input)));
  if (producer === undefined) throw new TypeError(`${consumer.id}: no step before it made its input ${input.name}`);
  return producer;
}

function isSame(output: Artifact, input: Input): boolean {
  return output.kind === input.kind && output.name === input.name && output.digest === input.digest;
}

/** A step and everything that it is made of, in order. */
function ancestorsOf(told: readonly ToldStep[], target: string): readonly ToldStep[] {
  const wanted = new Set([target]);
  for (const one of told.toReversed())
    if (wanted.has(one.id))
      for (const input of Object.values(one.inputs).flat()) wanted.add(producerOf(one, input, told).id);
  return told.filter(({ id }) => wanted.has(id));
}
