import type { Plan, Step } from './step.ts';
import { handlesOf } from './step.ts';
import { isSame } from './value-changes.ts';

/** What a recipe that extends another one builds itself. */
export interface BuiltAnew {
  /** Made of something else. */
  readonly built: readonly string[];
  /** Made of the same, but for packages that are built themselves: only if what it takes from those comes out different. */
  readonly maybe: readonly { readonly package: string; readonly of: readonly string[] }[];
  /** Steps with the keys of the other recipe's: what that one has made is taken. */
  readonly same: readonly string[];
}

/** Compares the plans of two recipes, package by package of the second one. Both must have been made with the same options. */
export function builtAnew(base: Plan, own: Plan, packages: readonly string[]): BuiltAnew {
  const differs = differingSteps(base, own);
  const built: string[] = [];
  const maybe: { package: string; of: readonly string[] }[] = [];
  const same: string[] = [];
  for (const name of packages) {
    const steps = own.steps.filter(({ id }) => id === `assemble-srpm:${name}` || id === `rebuild-srpm:${name}`);
    const of = packages.filter((other) => steps.some((step) => takesFrom(step, `rebuild-srpm:${other}`)));
    const reasons = steps.flatMap((step) => differs(step, `rebuild-srpm:`));
    if (reasons.length > 0) built.push(name);
    else if (of.some((other) => built.includes(other) || maybe.some((one) => one.package === other)))
      maybe.push({ package: name, of: of.filter((other) => !same.includes(other)) });
    else same.push(name);
  }
  return { built, maybe, same };
}

function takesFrom(step: Step, id: string): boolean {
  return handlesOf(step).some(({ handle }) => handle.step === id);
}

/** Whether a step, or one of those that it is made of up to stages that begin with `until`, is not in the other plan: their ids. */
function differingSteps(base: Plan, own: Plan): (step: Step, until: string) => readonly string[] {
  const before = new Map(base.steps.map((step) => [step.id, step]));
  const now = new Map(own.steps.map((step) => [step.id, step]));
  const isOther = (step: Step) => {
    const old = before.get(step.id);
    return old === undefined || !isSame([old.stage, old.params, old.inputs], [step.stage, step.params, step.inputs]);
  };
  const search = (step: Step, until: string): readonly string[] => [
    ...(isOther(step) ? [step.id] : []),
    ...handlesOf(step).flatMap(({ handle }) => {
      const from = handle.step.startsWith(until) ? undefined : now.get(handle.step);
      return from === undefined ? [] : search(from, until);
    }),
  ];
  return search;
}
