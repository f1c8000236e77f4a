import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { FACTORY_DIR } from '../../../pipeline/cli/paths.ts';
import { debugRecipe } from './recipe.ts';

/**
 * `npm run proof:debug`: both kernels of recipe lts with everything that watches locks and memory, booted, and 10,000 connections
 * through them while toa comes and goes. Publishes recipe lts-debug beside the others, in the same artifacts.
 */
const recipe = await debugRecipe(join(FACTORY_DIR, 'artifacts/debug'));
const factory = join(FACTORY_DIR, 'bin/factory');
const { status } = spawnSync(factory, ['publish', '--recipe', recipe, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
