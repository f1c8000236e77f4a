import { FactoryError } from '../run/failure.ts';
import type { Problem } from '../run/failure.ts';

/** The failure of a recipe; its problems in the order of files, lines and columns, those of the recipe's own file first. */
export function invalid(file: string, problems: readonly Problem[]): FactoryError {
  const place = (problem: Problem) => [problem.file ?? '', problem.line, problem.column] as const;
  const sorted = problems
    .map((problem) => withoutFile(problem, file))
    .sort((a, b) => {
      const [one, two] = [place(a), place(b)];
      return one[0] < two[0] ? -1 : one[0] > two[0] ? 1 : one[1] - two[1] || one[2] - two[2];
    });
  return new FactoryError({ kind: 'RecipeInvalid', file, problems: sorted });
}

/** What is in the recipe's own file does not say so. */
function withoutFile({ file, ...rest }: Problem, own: string): Problem {
  return file === undefined || file === own ? rest : { ...rest, file };
}

/** Throws RecipeInvalid when there are problems. */
export function stopAt(file: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw invalid(file, problems);
}
