import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ReadRecipe, readExtended } from '../../../pipeline/recipe/read.ts';
import type { Problem } from '../../../pipeline/run/failure.ts';
import { FACTORY, failureOf, helloCopy } from './hello-copy.ts';

/** Recipes of one's own beside a copy of hello, in folders of the same parent. */
export interface Overlay extends Disposable {
  /** The parent: hello is in `hello`. */
  readonly parent: string;
  /** Writes files below the parent. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Reads the recipe in that folder of the parent. */
  read(folder?: string): Promise<ReadRecipe>;
  /** `file:line:column path: message` of everything that is wrong, with files below the parent or the factory. */
  problems(folder?: string): Promise<string[]>;
}

/** `acme` extends hello; `yaml` is what it says beside its name. */
export async function overlay(yaml: string, files: Readonly<Record<string, string>> = {}): Promise<Overlay> {
  const copy = helloCopy();
  const parent = dirname(copy.dir);
  const read = (folder = 'acme') => {
    const recipeDir = join(parent, folder);
    const roots = { factoryDir: FACTORY, recipeDir, patchesDir: join(recipeDir, 'patches') };
    return readExtended(join(recipeDir, 'recipe.yaml'), roots);
  };
  const write = async (all: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(all)) {
      await mkdir(dirname(join(parent, name)), { recursive: true });
      await writeFile(join(parent, name), text);
    }
  };
  await write({ 'acme/recipe.yaml': recipeYaml('acme', '../hello', yaml), ...files });
  return {
    parent,
    write,
    read,
    async problems(folder = 'acme') {
      const failure = await failureOf(read(folder));
      if (failure.kind !== 'RecipeInvalid') throw new Error(`not RecipeInvalid: ${JSON.stringify(failure)}`);
      const short = (file: string) => file.replace(`${parent}/`, '').replace(`${FACTORY}/`, '');
      return failure.problems.map(
        ({ file = failure.file, line, column, path, message }: Problem) =>
          `${short(file)}:${line}:${column} ${path}: ${message}`,
      );
    },
    [Symbol.dispose]: () => copy[Symbol.dispose](),
  };
}

/** A recipe.yaml with three lines of its own before what is given. */
export function recipeYaml(name: string, base: string, yaml: string): string {
  return `schema: 1\nname: ${name}\nextends: ${base}\n${yaml}`;
}

/** A patch with the header that every patch has; it changes hello.c. */
export function patchText(subject: string, more = ''): string {
  return [
    `Subject: [PATCH] ${subject}`,
    'Origin: written for this test',
    'Reason: a second patch',
    'Upstream-status: not for upstream',
    more,
    '--- a/hello.c',
    '+++ b/hello.c',
    '@@ -1,1 +1,2 @@',
    '+/* one more line */',
    '',
  ].join('\n');
}
