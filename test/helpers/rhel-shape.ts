import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type MadeSrpm, makeSrpm } from './make-srpm.ts';
import { expectCode, type Finished, workplace, type Workplace } from './run-factory.ts';

/** A change of a file of the recipe: what is there (its first occurrence), and what shall be there. */
export interface Change {
  readonly file?: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** The small recipe of RHEL 6's shape, ready to build: sources made and signed, fingerprint filled in. */
export interface RhelShape extends AsyncDisposable {
  readonly place: Workplace;
  readonly made: MadeSrpm;
  /** The builder image, by the engine's id. */
  readonly builder: string;
  /** Runs bin/factory with the mirror and the key. */
  run(args: readonly string[]): Promise<Finished>;
  /** Puts the recipe back as it was, then makes these changes to it. Fails when there was nothing to change. */
  change(...changes: readonly Change[]): Promise<void>;
}

/** Makes a workplace with the builder image in it, and the sources in a container of that. */
export async function rhelShape(): Promise<RhelShape> {
  const place = await workplace('rhel-shape');
  const image = await place.run(['build', '--json', '--only', 'builder-image:debian-builder']);
  expectCode(image, 0);
  const builder = image.events
    .flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []))
    .find(({ name, kind }) => kind === 'image' && name === 'debian-builder')?.engineId;
  if (builder === undefined) throw new Error('no builder image in the records');
  const made = await makeSrpm(builder, join(place.dir, 'made'));
  const originals = new Map<string, string>();
  for (const file of ['recipe.yaml', 'lvs-tools.spec'])
    originals.set(file, (await readFile(join(place.recipe, file), 'utf8')).replace(/'0{40}'/, `'${made.fingerprint}'`));
  const shape: RhelShape = {
    place,
    made,
    builder,
    run: (args) => place.run([...args, '--mirror', made.mirror, '--key', made.key]),
    async change(...changes) {
      await rm(join(place.recipe, 'patches'), { recursive: true, force: true });
      const texts = new Map(originals);
      for (const { file = 'recipe.yaml', from, to } of changes) {
        const before = texts.get(file) ?? '';
        const after = before.replace(from, () => to);
        if (after === before) throw new Error(`${file} has no ${String(from)}`);
        texts.set(file, after);
      }
      for (const [file, text] of texts) await writeFile(join(place.recipe, file), text);
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
  await shape.change();
  return shape;
}

/** Adds a patch of our own to the director, after upstream's; `body` begins with the line of `---`. */
export async function addPatch(shape: RhelShape, body: readonly string[], ...more: readonly Change[]): Promise<void> {
  await shape.change({ from: 'sources: [lvs-patch]\n', to: 'sources: [lvs-patch]\n      dir: extra\n' }, ...more);
  const dir = join(shape.place.recipe, 'patches/extra');
  await mkdir(dir, { recursive: true });
  const head = ['Origin: a test', 'Reason: to see it fail', 'Upstream-status: not for upstream'];
  await writeFile(join(dir, 'series'), 'extra.patch\n');
  await writeFile(join(dir, 'extra.patch'), [...head, ...body, ''].join('\n'));
}

/**
 * What a person reads of a run that has to fail: exactly one error, then what to do; no stack. Without the quoted end of the
 * log, so that what is asserted is what the factory itself says.
 */
export function wordsOf(run: Finished, code: number): string {
  expect(run.code, run.stderr + run.stdout).toBe(code);
  expect(run.stderr.match(/^error /gm), run.stderr).toHaveLength(1);
  expect(run.stderr).toMatch(/^ {2}what to do\n {2}- \S/m);
  expect(run.stderr).not.toMatch(/ at .*\.(ts|mjs):\d+/);
  return run.stderr.replace(/^ {2}\| .*\n/gm, '');
}

/** One more edit of the director, before its other ones; `lines` as they stand in the recipe. */
export function addEdit(...lines: readonly string[]): Change {
  return { from: '    edits:\n', to: `    edits:\n      - ${lines.join('\n        ')}\n` };
}
