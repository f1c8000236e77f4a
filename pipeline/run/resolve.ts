import type { Artifact, ArtifactKind } from '../plan/artifact.ts';
import { handlesOf, type Handle, type Step } from '../plan/step.ts';
import { parseRpmFileName } from '../rpm/nevra.ts';
import { FactoryError } from './failure.ts';
import type { RoleArtifacts } from './key.ts';

/**
 * The artifacts behind a step's handles. A single handle must match exactly one output, a handle in a list at least one;
 * a role that takes a list gets them in the order of its handles, and by name within one handle, so that the order in which
 * a container happened to list its files changes no key. Failures: WrongPackages (by RPM name), Internal (the plan is wrong).
 */
export function resolveInputs(step: Step, outputsOf: (stepId: string) => readonly Artifact[]): RoleArtifacts {
  const inputs: Record<string, Artifact | Artifact[]> = {};
  for (const [role, value] of Object.entries(step.inputs)) if (Array.isArray(value)) inputs[role] = [];
  for (const { role, handle, many } of handlesOf(step)) {
    const outputs = outputsOf(handle.step);
    const found = select(handle, outputs);
    const [first] = found;
    if (first === undefined || (!many && found.length > 1)) throw noMatch(step, role, handle, found, outputs);
    const soFar = inputs[role];
    if (many && Array.isArray(soFar)) soFar.push(...found);
    else inputs[role] = first;
  }
  return inputs;
}

function select(handle: Handle<ArtifactKind>, outputs: readonly Artifact[]): Artifact[] {
  return outputs
    .filter(({ kind, name }) => kind === handle.kind && isNamed(name, handle.rpmName))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isNamed(file: string, rpmName: string | undefined): boolean {
  return rpmName === undefined || parseRpmFileName(file).name === rpmName;
}

function noMatch(
  step: Step,
  role: string,
  handle: Handle<ArtifactKind>,
  found: readonly Artifact[],
  outputs: readonly Artifact[],
): FactoryError {
  if (handle.rpmName !== undefined) {
    const candidates = found.length > 0 ? found : outputs.filter(({ kind }) => kind === handle.kind);
    const got = candidates.map(({ name }) => name);
    return new FactoryError({ kind: 'WrongPackages', step: handle.step, want: [handle.rpmName], got });
  }
  const message = `${step.id}: its ${role} is the ${handle.kind} of ${handle.step}, which made ${found.length} of them`;
  return new FactoryError({ kind: 'Internal', message, stack: new Error(message).stack ?? '' });
}
