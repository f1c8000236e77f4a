import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asSha256 } from '../../../pipeline/plan/artifact.ts';
import type { FileRef } from '../../../pipeline/plan/params.ts';
import { planFactory } from '../../../pipeline/plan/plan-factory.ts';
import type { PlanOptions } from '../../../pipeline/plan/plan-factory.ts';
import type { Plan } from '../../../pipeline/plan/step.ts';
import { EMPTY_LOCK } from '../../../pipeline/recipe/lock.ts';
import { findFile } from '../../../pipeline/recipe/files.ts';
import { readRecipe } from '../../../pipeline/recipe/read.ts';
import type { Recipe } from '../../../pipeline/recipe/recipe.ts';
import { FACTORY, HELLO } from '../recipe/hello-copy.ts';

/** The recipes of the golden tests, read from their real folders. */
export function readNamed(name: 'hello' | 'lts' | 'el6'): Promise<Recipe> {
  const known = recipes.get(name) ?? readAnew(name);
  recipes.set(name, known);
  return known;
}
const recipes = new Map<string, Promise<Recipe>>();

function readAnew(name: 'hello' | 'lts' | 'el6'): Promise<Recipe> {
  const recipeDir = name === 'hello' ? HELLO : join(FACTORY, 'pipeline/recipes', name);
  const patchesDir = name === 'hello' ? join(HELLO, 'patches') : join(FACTORY, 'patches', name);
  return readRecipe(join(recipeDir, 'recipe.yaml'), { factoryDir: FACTORY, recipeDir, patchesDir });
}

/** References to the real step scripts. */
export function stepScripts(): Promise<ReadonlyMap<string, FileRef>> {
  return (scripts ??= findScripts());
}
let scripts: Promise<ReadonlyMap<string, FileRef>> | undefined;

async function findScripts(): Promise<ReadonlyMap<string, FileRef>> {
  const roots = { factoryDir: FACTORY, recipeDir: FACTORY, patchesDir: FACTORY };
  const all = new Map<string, FileRef>();
  for (const dir of ['dockerfiles/steps', 'pipeline/host'])
    for (const name of await readdir(join(FACTORY, dir), { recursive: true })) {
      const found = findFile(roots, 'factory', `${dir}/${name}`);
      if ('ref' in found) all.set(name, found.ref);
    }
  return all;
}

export async function planNamed(name: 'hello' | 'lts' | 'el6', options: Partial<PlanOptions> = {}): Promise<Plan> {
  return planFactory(await readNamed(name), EMPTY_LOCK, { frozen: false, scripts: await stepScripts(), ...options });
}

/** The sha256 of a name: a digest that differs from others and stays the same. */
export function digest(hex: string) {
  return asSha256(hex.repeat(64).slice(0, 64));
}
