import { createHash } from 'node:crypto';
import { asSha256, type Artifact, type Sha256 } from '../plan/artifact.ts';
import type { Step } from '../plan/step.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Identity } from './record.ts';

/** The artifacts of a step's inputs by role: one for a single handle, a list for a list of handles. */
export type RoleArtifacts = Readonly<Record<string, Artifact | readonly Artifact[]>>;

/**
 * What decides what a step makes. In it: stage, version, params, and of every input kind, name and digest. Not in it: id,
 * title, hints, and where an engine keeps an image.
 */
export function identityOf(step: Step, stageVersion: number, inputs: RoleArtifacts): Identity {
  const roles = Object.keys(inputs).sort();
  return {
    stage: step.stage,
    version: stageVersion,
    params: step.params,
    inputs: Object.fromEntries(
      roles.map((role) => [
        role,
        [inputs[role] ?? []].flat().map(({ kind, name, digest }) => ({ kind, name, digest })),
      ]),
    ),
  };
}

/** The step's key: sha256 of its identity as canonical JSON. */
export function keyOf(identity: Identity): Sha256 {
  return asSha256(createHash('sha256').update(canonicalJson(identity)).digest('hex'));
}
