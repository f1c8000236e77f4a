import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FACTORY_DIR } from '../../pipeline/cli/paths.ts';
import { stepRig, type StepRig } from '../docker/step-rig.ts';
import { expectCode, type Finished, runFactory, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';
import { type Breakage, broken } from './breakage.ts';
import { bringAlong, exchanged, outputOf } from './exchange.ts';

/** A workplace with the packages of recipe lts, where the good ones were proven and are current. */
export interface Lab extends AsyncDisposable {
  readonly place: Workplace;
  /** `factory publish`, to its end. */
  publish(): Promise<Finished>;
  /** Everything beside the snapshots that hosts go by: the pointer in all its forms, byte for byte. */
  pointer(): Promise<Readonly<Record<string, string>>>;
  /** As if that step had made a broken file, until disposed of. */
  breaks(how: Breakage, step: string, fits: RegExp): Promise<AsyncDisposable>;
  /** Replaces a text, which must be there once, in a file of the recipe, until disposed of. */
  edits(file: string, ...changes: readonly (readonly [from: string, to: string])[]): Promise<AsyncDisposable>;
  /** Takes a patch out of its folder and its series, until disposed of. */
  drops(folder: string, patch: string): Promise<AsyncDisposable>;
}

/** Builds the packages where the checkout keeps its results, unless they are there, and publishes them in a place of its own. */
export async function openLab(): Promise<Lab> {
  const built = await runFactory(['build', '--json', '--recipe', 'lts', '--only', 'kernels,tools']);
  expectCode(built, 0);
  const place = await workplace(join(FACTORY_DIR, 'pipeline/recipes/lts'));
  await cp(join(FACTORY_DIR, 'patches/lts'), join(place.recipe, 'patches'), { recursive: true });
  const made = [...stepsOf(built, 'step-cached'), ...stepsOf(built, 'step-made')];
  await bringAlong(join(FACTORY_DIR, 'artifacts'), place.artifacts, made);
  const lab = labAt(place, await stepRig());
  const good = await lab.publish();
  expectCode(good, 0);
  const again = stepsOf(good, 'step-started').filter((step) => made.includes(step));
  if (again.length > 0) throw new Error(`the packages of the checkout were not taken: ${again.join(', ')} ran again`);
  return lab;
}

function labAt(place: Workplace, rig: StepRig): Lab {
  const { artifacts, recipe } = place;
  const lab: Lab = {
    place,
    publish: () => place.run(['publish', '--json']),
    async pointer() {
      const root = join(artifacts, 'repository/lts');
      const files = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isFile());
      const contents = files.map(async ({ name }) => [name, await readFile(join(root, name), 'utf8')] as const);
      return Object.fromEntries(await Promise.all(contents));
    },
    async breaks(how, step, fits) {
      const { name, bytes } = await outputOf(artifacts, step, fits);
      return exchanged(artifacts, step, name, await broken(rig, how, name, bytes));
    },
    async edits(file, ...changes) {
      const path = join(recipe, file);
      const before = await readFile(path, 'utf8');
      let text = before;
      for (const [from, to] of changes) {
        if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
        text = text.replace(from, () => to);
      }
      await writeFile(path, text);
      return { [Symbol.asyncDispose]: () => writeFile(path, before) };
    },
    async drops(folder, patch) {
      const path = join(recipe, 'patches', folder, patch);
      const series = await lab.edits(`patches/${folder}/series`, [`\n${patch}\n`, '\n']);
      await rename(path, `${recipe}.dropped`);
      return {
        async [Symbol.asyncDispose]() {
          await rename(`${recipe}.dropped`, path);
          await series[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
  return lab;
}
