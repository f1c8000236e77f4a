import { cacheKeys } from '../plan/cache-key.ts';
import { targetSteps } from '../plan/targets.ts';
import { EXIT } from '../run/exit-code.ts';
import { stages } from '../stages/index.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory cache-key`: names under which a CI system keeps the store, the ledger and the compiler cache, as `name=value` lines
 * that can be appended to GITHUB_OUTPUT. Needs no engine and no network. Failures: Usage, RecipeInvalid.
 */
export async function cacheKey(world: World, options: CommonOptions): Promise<number> {
  // No package depends on who signs it, and a job that only builds has no key.
  const session = await openSession(world, options, { ignoreSigningKey: true });
  const keys = cacheKeys(session.plan, stages, targetSteps(session.plan, session.recipe, options.only));
  const lines = Object.entries(keys).map(([name, value]) => `${name}=${String(value)}`);
  world.stdout.write(`${options.json ? JSON.stringify(keys) : lines.join('\n')}\n`);
  return EXIT.ok;
}
