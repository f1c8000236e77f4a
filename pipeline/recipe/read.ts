import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { FactoryError } from '../run/failure.ts';
import type { Problem } from '../run/failure.ts';
import { parseYaml } from './document.ts';
import type { YamlDocument } from './document.ts';
import { baseOf, type Chain, chainWith } from './extends.ts';
import type { Roots } from './files.ts';
import { invalid, stopAt } from './invalid.ts';
import { inFile, layeredDocument, layeredOf } from './layered.ts';
import type { Layered } from './layered.ts';
import { merge } from './merge.ts';
import { unfinished } from './new-names.ts';
import { normalise } from './normalise.ts';
import { shapeProblems } from './problems.ts';
import { quotingProblems } from './quoting.ts';
import { digestOf } from './recipe-digest.ts';
import { unusedPatches } from './read-patches.ts';
import type { Recipe } from './recipe.ts';
import { checkRules } from './rules.ts';
import { recipeSchema } from './schema.ts';

/** A recipe, and the one that it extends. */
export interface ReadRecipe {
  readonly recipe: Recipe;
  /** Where its files lie, with the folders of the recipes that it extends. */
  readonly roots: Roots;
  readonly base: ReadRecipe | null;
}

/**
 * Reads and checks a recipe.yaml and everything that it names. All problems of one pass come at once, each with its line:
 * first YAML, then shape, then rules and files. Failures: Usage (no such file), RecipeInvalid.
 */
export async function readRecipe(file: string, roots: Roots): Promise<Recipe> {
  return (await readExtended(file, roots)).recipe;
}

/**
 * The same, with the recipe that it extends. That one is read and checked first, by itself; then the two are merged and take the way
 * of any recipe, and a problem is told in the file where the value stands.
 */
export async function readExtended(file: string, roots: Roots): Promise<ReadRecipe> {
  return (await readLayer(file, roots, [])).read;
}

/** A recipe that was read, and what others can be laid on. */
interface Layer {
  readonly read: ReadRecipe;
  readonly layered: Layered;
}

async function readLayer(file: string, given: Roots, chain: Chain): Promise<Layer> {
  const own = inFile(parseYaml(await readText(file)), file);
  stopAt(file, own.problems);
  const longer = await chainWith(chain, file, given);
  const found = await baseOf(file, own, given, longer);
  if (found === null) {
    const recipe = checked(file, own, given, null, []);
    return { read: { recipe, roots: given, base: null }, layered: layeredOf(own) };
  }
  const { recipeDir, patchesDir } = found;
  const base = await readLayer(found.file, { factoryDir: given.factoryDir, recipeDir, patchesDir }, longer);
  const on = base.read.recipe;
  const problems: Problem[] = [];
  const layered = merge(base.layered, layeredOf(own), { base: on.name, problems });
  const roots = { ...given, extended: [{ recipeDir, patchesDir }, ...(base.read.roots.extended ?? [])] };
  const document = layeredDocument(layered);
  const names = [on.name, ...on.extends.map(({ recipe }) => recipe)];
  if (names.includes(basename(given.recipeDir)))
    problems.push(
      document.problem(['name'], 'is the name of a recipe that it extends: repository and records go by it'),
    );
  const recipe = checked(file, document, roots, base, problems);
  const extended = [{ recipe: on.name, sha256: digestOf(on) }, ...on.extends];
  return { read: { recipe: { ...recipe, extends: extended }, roots, base: base.read }, layered };
}

/** The one way from a document to a recipe. `problems`: what is known to be wrong already. */
function checked(file: string, document: YamlDocument, roots: Roots, base: Layer | null, problems: Problem[]): Recipe {
  const parsed = recipeSchema.safeParse(document.data);
  if (!parsed.success) {
    const { issues } = parsed.error;
    const on = base === null ? null : { name: base.read.recipe.name, layered: base.layered };
    const { told, rest } = on === null ? { told: [], rest: issues } : unfinished(issues, document, on);
    throw invalid(file, [...problems, ...told, ...shapeProblems(rest, document)]);
  }
  problems.push(...quotingProblems(parsed.data, document));
  const reading = {
    roots,
    report: (...problem: Parameters<YamlDocument['problem']>) => problems.push(document.problem(...problem)),
    elsewhere: (problem: Problem) => problems.push(problem),
  };
  const folder = basename(roots.recipeDir);
  if (parsed.data.name !== folder) reading.report(['name'], `must be the name of the recipe's folder, "${folder}"`);
  checkRules(parsed.data, reading.report);
  const recipe = normalise(parsed.data, reading);
  if (base !== null) unusedPatches(reading, parsed.data);
  stopAt(file, problems);
  return recipe;
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new FactoryError({ kind: 'Usage', message: `there is no recipe ${file}` }, { cause: error });
    }
    if (error instanceof TypeError) throw invalid(file, [{ line: 1, column: 1, path: '', message: 'not UTF-8' }]);
    throw error;
  }
}
