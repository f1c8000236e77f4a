import type { StageName, StepOf } from '../plan/step.ts';
import { prepare } from '../run/prepare.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { producersOf } from '../run/select.ts';
import { stages } from '../stages/index.ts';
import { runSpecOf } from '../stages/script-run.ts';
import type { Stage, StageContext } from '../stages/stage.ts';
import { targetSteps } from '../plan/targets.ts';
import { exitCodeOfRun, runSteps } from './run.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory shell <step> [command...]`: a new container exactly like the step's: image, uploaded inputs and scripts, settings,
 * user, tmpfs, ccache, no network. Without a command an interactive shell; the exit code is the command's.
 */
export async function shell(
  world: World,
  options: CommonOptions,
  [id = '', ...command]: readonly string[],
): Promise<number> {
  const session = await openSession(world, options);
  targetSteps(session.plan, session.recipe, [id]);
  const step = session.plan.steps.find((one) => one.id === id);
  const stage: Stage<StageName> | undefined = step && stages[step.stage];
  if (step === undefined || stage?.container === undefined)
    throw new FactoryError({
      kind: 'Usage',
      message: `step ${id} has no container to open`,
      advice: `These have one: ${session.plan.steps
        .filter((one) => stages[one.stage].container !== undefined)
        .map((one) => one.id)
        .join(', ')}`,
    });

  const outcome = await runSteps(session, { only: producersOf(step) });
  if (!outcome.ok) return exitCodeOfRun(outcome);
  const steps = new Map(session.plan.steps.map((one) => [one.id, one]));
  const { inputs, key, history } = prepare(step, stage.version, steps, outcome.records);
  const context = {
    step: step as StepOf<StageName>,
    inputs: inputs as StageContext<StageName>['inputs'],
    key,
    tools: session.tools,
    emit: () => undefined,
    log: () => undefined,
    signal: world.signal,
    offline: options.offline,
    jobs: session.makeJobs,
    lastFacts: undefined,
    history,
  };
  const run = await stage.container(context);
  const spec = await runSpecOf(context, run);
  const asked = command.length > 0;
  if (!asked)
    world.stderr.write(`The step itself: /bin/bash /step/entry.sh ${run.script}   (inputs in /in, results in /out)\n`);
  const code = await session.tools.containers.interactive(
    { ...spec, command: asked ? command : ['/bin/bash'] },
    { stdin: world.stdin, stdout: world.stdout },
  );
  return code === 0 ? EXIT.ok : code;
}
