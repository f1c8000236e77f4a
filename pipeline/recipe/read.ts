import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { FactoryError } from '../run/failure.ts';
import type { Problem } from '../run/failure.ts';
import { parseYaml } from './document.ts';
import type { YamlDocument } from './document.ts';
import type { Roots } from './files.ts';
import { normalise } from './normalise.ts';
import { shapeProblems } from './problems.ts';
import { quotingProblems } from './quoting.ts';
import type { Recipe } from './recipe.ts';
import { checkRules } from './rules.ts';
import type { Report } from './report.ts';
import { recipeSchema } from './schema.ts';

/**
 * Reads and checks a recipe.yaml and everything that it names. All problems of one pass come at once, each with its line:
 * first YAML, then shape, then rules and files. Failures: Usage (no such file), RecipeInvalid.
 */
export async function readRecipe(file: string, roots: Roots): Promise<Recipe> {
  const document = parseYaml(await readText(file));
  stopAt(file, document.problems);
  const parsed = recipeSchema.safeParse(document.data);
  if (!parsed.success) throw invalid(file, shapeProblems(parsed.error.issues, document));
  const problems: Problem[] = quotingProblems(parsed.data, document);
  const report = reporter(document, problems);
  const folder = basename(roots.recipeDir);
  if (parsed.data.name !== folder) report(['name'], `must be the name of the recipe's folder, "${folder}"`);
  checkRules(parsed.data, report);
  const recipe = await normalise(parsed.data, { roots, report, elsewhere: (problem) => problems.push(problem) });
  stopAt(file, problems);
  return recipe;
}

function reporter(document: YamlDocument, problems: Problem[]): Report {
  return (path, message, at) => problems.push(document.problem(path, message, at));
}

function invalid(file: string, problems: readonly Problem[]): FactoryError {
  const place = (problem: Problem) => [problem.file ?? '', problem.line, problem.column] as const;
  const sorted = [...problems].sort((a, b) => {
    const [one, two] = [place(a), place(b)];
    return one[0] < two[0] ? -1 : one[0] > two[0] ? 1 : one[1] - two[1] || one[2] - two[2];
  });
  return new FactoryError({ kind: 'RecipeInvalid', file, problems: sorted });
}

function stopAt(file: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw invalid(file, problems);
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
