import { loadCore } from '../report/github.ts';
import { FACTORY_DIR } from './paths.ts';
import type { World } from './world.ts';

/** Whether this is a job of GitHub Actions. */
export function isGithub({ env }: World): boolean {
  return env.GITHUB_ACTIONS === 'true';
}

/** The checkout that GitHub shows: not ours when another repository uses the factory as an action. */
export function repositoryRoot({ env }: World): string {
  return env.GITHUB_WORKSPACE === undefined || env.GITHUB_WORKSPACE === '' ? FACTORY_DIR : env.GITHUB_WORKSPACE;
}

/** In a job of GitHub Actions: outputs of its step. Elsewhere nothing. */
export async function giveOutputs(world: World, outputs: Readonly<Record<string, string>>): Promise<void> {
  if (!isGithub(world)) return;
  const core = await loadCore();
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}
