import type { Artifact } from '../plan/artifact.ts';
import { plannedStep } from '../plan/steps.ts';
import { imagePaths } from '../recipe/image-paths.ts';
import { FactoryError } from '../run/failure.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { producersOf } from '../run/select.ts';
import { refOf } from '../tools/file-ref.ts';
import { onlyStep } from './lone-step.ts';
import { FACTORY_DIR } from './paths.ts';
import { runSteps } from './run.ts';
import type { Session } from './session.ts';

const NAME = 'repository-server';
const FOLDER = 'repository';

/**
 * The web server without a recipe, made when it is not there: an image like the others, on the base on which signatures are
 * made. It is in no lock, so `--frozen` refuses it. Its progress goes to standard error. Failures: ImageNotLocked, and in the
 * outcome those of building it.
 */
export async function serverImage(
  session: Session,
): Promise<{ readonly outcome: RunOutcome; readonly image?: Artifact<'image'> }> {
  const { options, plan } = session;
  if (options.frozen) throw new FactoryError({ kind: 'ImageNotLocked', image: NAME });
  const [publisher] = producersOf(onlyStep(session, 'signing-key'));
  const built = plan.steps.find(({ id }) => id === publisher);
  if (built?.stage !== 'builder-image')
    throw new FactoryError({
      kind: 'Usage',
      message: `the image for a repository is made on the base of the recipe's publisher, and ${publisher ?? 'it'} is none of ours`,
      advice: 'Leave out --builder-image.',
    });
  const paths = imagePaths(FACTORY_DIR, FOLDER) ?? [];
  const context = await Promise.all(paths.map((path) => refOf('factory', FACTORY_DIR, path)));
  const { step } = plannedStep(
    'builder-image',
    NAME,
    `image ${NAME}`,
    { name: NAME, context, locked: null },
    built.inputs,
    { packages: null, vendored: null, registry: null, fresh: false },
  );
  const watched = { ...session, options: { ...options, json: false }, plan: { ...plan, steps: [...plan.steps, step] } };
  const outcome = await runSteps(watched, { only: [step.id] });
  const image = outcome.records.get(step.id)?.outputs.find(({ kind }) => kind === 'image');
  return outcome.ok && image !== undefined ? { outcome, image: image as Artifact<'image'> } : { outcome };
}
