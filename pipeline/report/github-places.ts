import type { Failure, FailureOf } from '../run/failure.ts';
import { kconfigLine, patchedLine, rejectedLine } from './github-patch.ts';

/** A text file of ours. `path` is absolute; `name` is relative to the folder it belongs to. */
export interface OwnFile {
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

/** The files a failure can be about. */
export interface OwnFiles {
  readonly recipe?: OwnFile;
  /** Beside the recipe: specs, sources, fragments. */
  readonly beside: readonly OwnFile[];
  /** Those of every package, in the order in which they are applied. */
  readonly patches: Readonly<Record<string, readonly OwnFile[]>>;
}

/** Where in our files something is wrong. Without `message` the failure's own words stand there. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  readonly message?: string;
}

/** More than this of one kind GitHub does not show per step. */
const MOST = 10;

/** No files: for a failure before there is a recipe. */
export const NO_FILES: OwnFiles = { beside: [], patches: {} };

/**
 * The places in our own files that a failure of a step is about, the first one first; none when it is about files of others.
 * `log` is the step's output: compilers and rpmbuild name files and lines there.
 */
export function placesOf(failure: Failure, log: readonly string[], all: OwnFiles, step = ''): readonly Place[] {
  const files = { ...all, patches: all.patches[step.replace(/^[^:]*:/, '')] ?? [] };
  if (failure.kind === 'PatchRejected')
    return inPatch(files, failure.patch, (text) => rejectedLine(text, failure.file, failure.hunk, failure.reject));
  if (failure.kind === 'PatchIgnored') return inPatch(files, failure.patch, () => 1);
  if (failure.kind === 'KconfigWithoutValue')
    return inPatch(files, failure.patch, (text) => kconfigLine(text, failure.symbols[0] ?? ''));
  if (failure.kind === 'EditMismatch') return inRecipe(files, failure.line.trim());
  if (failure.kind === 'ConfigNotKept') return symbols(failure, files);
  if (failure.kind === 'ContainerExit' || failure.kind === 'StepFailed')
    return [...compilerErrors(log, files), ...specErrors(log, files)].slice(0, MOST);
  return [];
}

/** The files that a step of one package can be about. */
type PackageFiles = Pick<OwnFiles, 'recipe' | 'beside'> & { readonly patches: readonly OwnFile[] };

function inPatch(files: PackageFiles, name: string, lineIn: (text: string) => number): readonly Place[] {
  const base = name.split('/').at(-1) ?? name;
  const patch = files.patches.find((one) => one.name.split('/').at(-1) === base);
  return patch === undefined ? [] : [{ file: patch.path, line: lineIn(patch.text) }];
}

function inRecipe({ recipe }: PackageFiles, text: string, message?: string): readonly Place[] {
  const line = recipe?.text.split('\n').findIndex((one) => one.includes(text)) ?? -1;
  if (recipe === undefined || line < 0 || text === '') return [];
  return [{ file: recipe.path, line: line + 1, ...(message === undefined ? {} : { message }) }];
}

function symbols({ symbols: wrong }: FailureOf<'ConfigNotKept'>, files: PackageFiles): readonly Place[] {
  return wrong
    .slice(0, MOST)
    .flatMap(({ name, want, got }) =>
      inRecipe(files, `${name}:`, `${name} is ${got} in the final configuration, not ${want}`),
    );
}

const COMPILER = /^(?:\S*\/)?BUILD\/[^/\s]+\/([^\s:]+):(\d+):(?:(\d+):)? (?:fatal )?error: (.+)$/;
const RELATIVE = /^([^\s:/][^\s:]*):(\d+):(?:(\d+):)? (?:fatal )?error: (.+)$/;

function compilerErrors(log: readonly string[], files: PackageFiles): readonly Place[] {
  const seen = new Set<string>();
  return log.flatMap((text) => {
    const [, name, number, column, message = ''] = COMPILER.exec(text) ?? RELATIVE.exec(text) ?? [];
    if (name === undefined || seen.has(text)) return [];
    seen.add(text);
    const words = `${name}:${String(number)}: ${message}`;
    const [own, other] = files.beside.filter((one) => one.name === name || name.endsWith(`/${one.name}`));
    if (own !== undefined && other === undefined)
      return [{ file: own.path, line: Number(number), ...columnOf(column), message: words }];
    for (const patch of files.patches.toReversed()) {
      const line = patchedLine(patch.text, name, Number(number));
      if (line !== undefined) return [{ file: patch.path, line, message: words }];
    }
    return [];
  });
}

function columnOf(column: string | undefined): { column?: number } {
  return column === undefined ? {} : { column: Number(column) };
}

/** `error: line 12: Unknown tag: Nmae: hello`: the number counts in the edited spec, so the text is looked for in ours. */
function specErrors(log: readonly string[], files: PackageFiles): readonly Place[] {
  return log.flatMap((text) => {
    const [, words, quoted = ''] = /^error: line \d+: ([^:]+): (.+)$/.exec(text) ?? [];
    if (words === undefined) return [];
    const specs = files.beside.filter(({ name }) => name.endsWith('.spec'));
    for (const { path, text: spec } of specs) {
      const line = spec.split('\n').findIndex((one) => one.trim() === quoted.trim());
      if (line >= 0) return [{ file: path, line: line + 1, message: `${words}: ${quoted}` }];
    }
    return [];
  });
}
