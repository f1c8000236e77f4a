import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { readRecipe } from '../../../pipeline/recipe/read.ts';
import type { Recipe } from '../../../pipeline/recipe/recipe.ts';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import type { Failure, FailureOf } from '../../../pipeline/run/failure.ts';

export const FACTORY = resolve(import.meta.dirname, '../../..');
export const HELLO = join(FACTORY, 'test/fixtures/recipes/hello');

/** What is in it, folders before what is in them. */
const FILES = readdirSync(HELLO, { recursive: true, withFileTypes: true })
  .map((entry) => ({ path: relative(HELLO, join(entry.parentPath, entry.name)), isFolder: entry.isDirectory() }))
  .sort((a, b) => (a.path < b.path ? -1 : 1));

/** A copy of the hello recipe that a test may break. */
export interface HelloCopy extends Disposable {
  readonly dir: string;
  read(): Promise<Recipe>;
  write(path: string, text: string): Promise<void>;
  /** Replaces the only occurrence of a text in a file of the copy. */
  replace(path: string, find: string, by: string): Promise<void>;
}

export function helloCopy(): HelloCopy {
  const root = mkdtempSync(join(tmpdir(), 'factory-recipe-'));
  const dir = join(root, 'hello');
  mkdirSync(dir);
  // Two hundred copies are made: fs.cp takes four times as long.
  for (const { path, isFolder } of FILES)
    if (isFolder) mkdirSync(join(dir, path));
    else copyFileSync(join(HELLO, path), join(dir, path));
  const write = (path: string, text: string) => writeFile(join(dir, path), text);
  return {
    dir,
    write,
    async replace(path, find, by) {
      const text = await readFile(join(dir, path), 'utf8');
      const parts = text.split(find);
      if (parts.length !== 2) throw new Error(`${find} is ${parts.length - 1} times in ${path}`);
      await write(path, parts.join(by));
    },
    read: () =>
      readRecipe(join(dir, 'recipe.yaml'), { factoryDir: FACTORY, recipeDir: dir, patchesDir: join(dir, 'patches') }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
}

/** What a promise was rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FactoryError) return error.failure;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The failure that a function throws, which must be of that kind. */
export function thrown<K extends Failure['kind']>(kind: K, run: () => unknown): FailureOf<K> {
  try {
    run();
  } catch (error) {
    if (error instanceof FactoryError && error.failure.kind === kind) return error.failure as FailureOf<K>;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** `line:column path: message` of every problem; problems elsewhere start with their file. */
export function problemsOf(failure: Failure): string[] {
  if (failure.kind !== 'RecipeInvalid') throw new Error(`not RecipeInvalid: ${JSON.stringify(failure)}`);
  return failure.problems.map(
    ({ file, line, column, path, message }) =>
      `${file === undefined ? '' : `${file.replace(/^.*\/(?=patches\/)/, '')}:`}${line}:${column}${path === '' ? '' : ` ${path}`}: ${message}`,
  );
}
