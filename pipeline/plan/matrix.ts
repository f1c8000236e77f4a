import { selectSteps } from '../run/select.ts';
import { handlesOf, type Plan, type StepOf } from './step.ts';

/** One job of a CI matrix: a package that is built on a machine of its own. */
interface MatrixEntry {
  readonly package: string;
  /** Its place in plan order, from 0, over all waves: a name for outputs that have to be written down beforehand. */
  readonly slot: number;
  /** Packages whose results the job has to have first, nearest last; what these need is among them. */
  readonly needs: readonly string[];
}

/** The packages of a plan as jobs. A job needs only what jobs of earlier waves make; jobs of one wave may run at once. */
export interface Matrix {
  readonly recipe: string;
  readonly waves: readonly (readonly MatrixEntry[])[];
}

/**
 * The jobs that build the packages which the targets (step ids) need, in plan order. No packages: no waves. Failures: Usage (no
 * such step).
 */
export function planMatrix(plan: Plan, targets: readonly string[]): Matrix {
  const builds = selectSteps(plan, targets).steps.filter((step): step is StepOf<'rebuild-srpm'> => isBuild(step));
  const done = new Map<string, { readonly entry: MatrixEntry; readonly wave: number }>();
  for (const [slot, step] of builds.entries()) {
    const direct = handlesOf(step).flatMap(({ role, handle }) =>
      role === 'deps' ? (done.get(handle.step) ?? []) : [],
    );
    const needs = new Set(direct.flatMap(({ entry }) => [...entry.needs, entry.package]));
    const wave = Math.max(-1, ...direct.map((one) => one.wave)) + 1;
    done.set(step.id, { entry: { package: step.params.package, slot, needs: [...needs] }, wave });
  }
  const waves: MatrixEntry[][] = [];
  for (const { entry, wave } of done.values()) (waves[wave] ??= []).push(entry);
  return { recipe: plan.recipe, waves };
}

function isBuild(step: Plan['steps'][number]): boolean {
  return step.stage === 'rebuild-srpm';
}
