import type { Artifact } from '../plan/artifact.ts';
import type { StageName, StepOf } from '../plan/step.ts';
import { prepare } from '../run/prepare.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { producersOf } from '../run/select.ts';
import { stages } from '../stages/index.ts';
import type { StageContext } from '../stages/stage.ts';
import { runSteps } from './run.ts';
import type { Session } from './session.ts';

/**
 * The image in which keys are made and used, made when it is not there. `progress`: where people see that; `stderr` leaves
 * standard output to the result of the command.
 */
export async function signingImage(
  session: Session,
  progress: 'as-asked' | 'stderr',
): Promise<{ readonly outcome: RunOutcome; readonly image?: Artifact<'image'> }> {
  const step = onlyStep(session, 'signing-key');
  const watched = progress === 'stderr' ? { ...session, options: { ...session.options, json: false } } : session;
  const outcome = await runSteps(watched, { only: producersOf(step) });
  if (!outcome.ok) return { outcome };
  const steps = new Map(session.plan.steps.map((one) => [one.id, one]));
  const { inputs } = prepare(step, stages['signing-key'].version, steps, outcome.records);
  return { outcome, image: inputs.builder as Artifact<'image'> };
}

/** The step of the session's plan that is the only one of its stage. */
export function onlyStep<S extends StageName>(session: Session, stage: S): StepOf<S> {
  const step = session.plan.steps.find((one) => one.stage === stage);
  if (step === undefined) throw new Error(`the plan has no ${stage} step`);
  return step as StepOf<StageName> as StepOf<S>;
}

/** The context of a container that belongs to no run: what it says goes to standard error. */
export function loneContext<S extends StageName>(
  { tools, world, options, makeJobs, mask }: Session,
  step: StepOf<S>,
  inputs: StageContext<S>['inputs'],
): StageContext<S> {
  return {
    step,
    inputs,
    key: '',
    tools,
    emit: () => undefined,
    log: (line) => (line.startsWith('@@factory ') ? undefined : world.stderr.write(`${mask(line)}\n`)),
    signal: world.signal,
    offline: options.offline,
    jobs: makeJobs,
    lastFacts: undefined,
    history: [],
  };
}
