import { targetSteps } from '../plan/targets.ts';
import { exitCodeOfRun, runSteps } from './run.ts';
import { withoutFetched } from './refetch.ts';
import type { OwnOptions } from './program.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/** `factory build`: the targets of `--only`, or everything but the pointer. */
export async function build(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, options);
  return exitCodeOfRun(await runSteps(session, { only: targetSteps(session.plan, session.recipe, options.only) }));
}

/** `factory publish`: everything, then the pointer. */
export async function publish(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, options);
  return exitCodeOfRun(await runSteps(session, { only: targetSteps(session.plan, session.recipe, ['publish']) }));
}

/** `factory fetch`: only the sources; with --refresh they are asked for again. */
export async function fetch(
  world: World,
  options: CommonOptions,
  _args?: readonly string[],
  own: OwnOptions = {},
): Promise<number> {
  const session = await openSession(world, options);
  const only = session.plan.steps
    .filter((step) => /^(fetch-|extract-|verify-srpm)/.test(step.stage))
    .map((step) => step.id);
  const ledger = own.refresh === true ? withoutFetched(session.ledger) : session.ledger;
  return exitCodeOfRun(await runSteps(session, { only, ledger }));
}
