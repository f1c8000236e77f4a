import type { ImageDescriptor } from '../plan/artifact.ts';
import { bootstrapOf, madeOf } from '../plan/image-identity.ts';
import type { Step, StepOf } from '../plan/step.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { tagOfContents, tagOfMade } from '../stages/image-registry.ts';
import { stepsFromOutside } from './lock-steps.ts';
import { giveOutputs } from './github-env.ts';
import { exitCodeOfRun, runSteps, withLock } from './run.ts';
import { noRegistry, pushHooks } from './push-progress.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

type ImageStep = StepOf<'base-image'> | StepOf<'builder-image'>;

/** What was done with an image. */
interface Pushed {
  readonly name: string;
  /** Where it lies, without tag; null: it is not pushed. */
  readonly image: string | null;
  readonly digest: string | null;
  /** False: the registry had it already. */
  readonly pushed: boolean;
  readonly tags: readonly string[];
}

/**
 * `factory images pull`: has the images that the targets need in the engine, out of a registry if it has them, else made.
 * `factory images push`: the same, then pushes them there. Failures: Usage, RegistryFailed, and those of making images.
 */
export async function images(world: World, options: CommonOptions, [action = '']: readonly string[]): Promise<number> {
  if (action !== 'push' && action !== 'pull')
    throw new FactoryError({ kind: 'Usage', message: `images takes push or pull, not ${JSON.stringify(action)}` });
  const session = await openSession(world, options);
  const all = imageSteps(session);
  const steps = action === 'pull' ? all : all.filter((step) => repositoryOf(step) !== null);
  if (steps.length === 0 && action === 'push') throw noRegistry();
  // The user gave all images.
  if (steps.length === 0) return EXIT.ok;
  if (action === 'push' && options.offline)
    throw new FactoryError({ kind: 'Usage', message: 'images push needs the network, but --offline is set' });
  // Standard output is for the result.
  const watched = { ...session, options: { ...options, json: false } };
  const outcome = await runSteps(watched, { only: steps.map(({ id }) => id) });
  if (!outcome.ok) return exitCodeOfRun(outcome);
  if (action === 'pull') return told(session, steps, outcome);
  const pushed = await withLock(session, async () => {
    const done: Pushed[] = [];
    for (const step of steps) done.push(await pushOne(session, step, outcome));
    return done;
  });
  await report(session, pushed);
  return EXIT.ok;
}

/** Images of ours that the targets of `--only` need: not what the user gave instead. */
function imageSteps(session: Session): readonly ImageStep[] {
  const wanted = new Set(stepsFromOutside(session));
  const ours = (step: Step): step is ImageStep => step.stage === 'base-image' || step.stage === 'builder-image';
  return session.plan.steps.filter(ours).filter(({ id }) => wanted.has(id));
}

/** Where it is pushed to; null: nobody named a registry for it. */
function repositoryOf({ hints }: ImageStep): string | null {
  return hints.registry?.repository ?? null;
}

async function pushOne(session: Session, step: ImageStep, { records }: RunOutcome): Promise<Pushed> {
  const { tools, world } = session;
  const { name } = step.params;
  const image = records.get(step.id)?.outputs.find(({ kind }) => kind === 'image');
  if (image?.engineId === undefined) throw new Error(`${step.id}: no image`);
  const descriptor = JSON.parse((await tools.store.read(image.digest)).toString('utf8')) as ImageDescriptor;
  const made = madeKey(step, descriptor, records);
  if (made === undefined) {
    world.stderr.write(`images: ${name} is ${descriptor.base}, which everybody gets where we got it: not pushed\n`);
    return { name, image: null, digest: null, pushed: false, tags: [] };
  }
  const repository = repositoryOf(step);
  if (repository === null) throw noRegistry();
  const tags = [tagOfContents(image.digest), tagOfMade(made)] as const;
  world.stderr.write(`images: ${name} to ${repository}\n`);
  const done = await tools.registry.push(
    { id: image.engineId, repository, tags },
    pushHooks(session, `images: ${name}`),
  );
  return { name, image: repository, tags, ...done };
}

/** What the image is looked for by before it is there; undefined: it is not one that only we can make. */
function madeKey(step: ImageStep, { base }: ImageDescriptor, records: RunOutcome['records']) {
  if (step.stage === 'base-image')
    return step.params.bootstrap !== null && base.startsWith('tree:') ? bootstrapOf(step.params) : undefined;
  const { name, context } = step.params;
  const below = records.get(step.inputs.base.step)?.outputs.find(({ kind }) => kind === 'image');
  if (below === undefined) throw new Error(`${step.id}: no base`);
  return madeOf(name, context, below.digest);
}

function told({ world, options }: Session, steps: readonly ImageStep[], { records }: RunOutcome): number {
  const all = steps.map(({ id, params: { name } }) => {
    const { how = '', pulled = null } = records.get(id)?.facts ?? {};
    return { name, how: String(how), pulled };
  });
  world.stdout.write(
    options.json
      ? `${JSON.stringify({ images: all })}\n`
      : all.map(({ name, how, pulled }) => `${name}: ${how}${pulled === null ? '' : ` ${pulled}`}\n`).join(''),
  );
  return EXIT.ok;
}

async function report({ world, options, recipe }: Session, all: readonly Pushed[]): Promise<void> {
  const builder = all.find(({ name }) => name === recipe.builder.name);
  await giveOutputs(world, { 'builder-image': builder?.image ?? '', 'builder-digest': builder?.digest ?? '' });
  const lines = all.flatMap(({ name, image, digest, pushed }) =>
    image === null || digest === null ? [] : [`${name}: ${image}@${digest}${pushed ? '' : ' (there already)'}`],
  );
  world.stdout.write(
    options.json ? `${JSON.stringify({ recipe: recipe.name, images: all })}\n` : `${lines.join('\n')}\n`,
  );
}
