import { failureLines } from '../report/terminal/failure-lines.ts';
import type { Failure } from '../run/failure.ts';
import { isGithub, repositoryRoot } from './github-env.ts';
import type { World } from './world.ts';

/**
 * A failure outside of a run (usage, recipe, lock, engine): what, where, what to do, on standard error; in GitHub Actions also as
 * annotations.
 */
export async function printFailure(world: World, failure: Failure): Promise<void> {
  world.stderr.write(`${failureLines(failure).join('\n')}\n`);
  if (!isGithub(world) || failure.kind === 'Cancelled') return;
  const { annotate, loadCore, NO_FILES } = await import('../report/github.ts');
  annotate(await loadCore(), { failure, root: repositoryRoot(world), files: NO_FILES });
}
