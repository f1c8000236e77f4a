import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { FACTORY_DIR } from '../../../pipeline/cli/paths.ts';
import { parseSeries } from '../../../pipeline/recipe/series.ts';
import { stepRig, type StepRig } from '../../docker/step-rig.ts';
import { expectCode, runFactory } from '../../helpers/run-factory.ts';
import { outputOf } from '../exchange.ts';

/** Patches of recipe lts, before the judges that every patch for the kernel has to pass. */
const PACKAGES = ['kernel-director', 'kernel-backend'] as const;
const ARTIFACTS = join(FACTORY_DIR, 'artifacts');
const CHECK = join(import.meta.dirname, 'check.sh');
/** A tree, and its objects. */
const BUILD = { '/build': 6 * 1024 ** 3 };
let rig: StepRig;

beforeAll(async () => {
  const only = PACKAGES.map((name) => `assemble-srpm:${name}`).join();
  expectCode(await runFactory(['build', '--json', '--recipe', 'lts', '--only', only]), 0);
  rig = await stepRig();
});

test.each(PACKAGES)('%s: checkpatch has no error, and W=1 no new warning', async (name) => {
  const lines = await judged(name, (patch) => patch);
  expect(
    lines.filter((line) => line.startsWith('checkpatch ')),
    lines.slice(0, 60).join('\n'),
  ).toEqual((await patchesOf(name)).map((patch) => expect.stringMatching(`^checkpatch ${patch} errors=0 `) as string));
  expect(lines.filter((line) => line.startsWith('new-warning '))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('compiled '))).not.toEqual([]);
  process.stdout.write(`${name}: ${lines.filter((line) => /^(checkpatch|judged) /.test(line)).join('; ')}\n`);
});

/** The judges judge: a patch of ours that nobody would take. */
test('bad style and a function that nobody declares are noticed', async () => {
  const lines = await judged('kernel-director', (patch) =>
    swapped(
      swapped(patch, '\tcp->toa_ack = 0;', '\tcp->toa_ack=0;'),
      'static u8 *toa_find(u8 *opt,',
      'u8 *toa_find(u8 *opt,',
    ),
  );
  expect(lines.filter((line) => /^checkpatch .* errors=[1-9]/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('new-warning ')).join()).toContain('toa_find');
});

/** What check.sh says of a package's patches, each changed in one way. Fails where it could not judge. */
async function judged(name: string, change: (patch: string) => string): Promise<readonly string[]> {
  const srpm = await outputOf(ARTIFACTS, `assemble-srpm:${name}`, /\.src\.rpm$/);
  const patches = await patchesOf(name);
  const texts = patches.map(async (patch) => [`in/${patch}`, change(await patchText(name, patch))] as const);
  const files = {
    ...Object.fromEntries(await Promise.all(texts)),
    'in/kernel.src.rpm': srpm.bytes,
    'in/check.sh': await readFile(CHECK),
  };
  const done = await rig.shell(`bash /in/check.sh /in/kernel.src.rpm ${patches.join(' ')}`, files, { tmpfs: BUILD });
  expect(done.code, done.lines.slice(-40).join('\n')).toBe(0);
  return done.lines;
}

async function patchesOf(name: string): Promise<string[]> {
  return parseSeries(await patchText(name, 'series')).map((entry) => entry.name);
}

function patchText(name: string, file: string): Promise<string> {
  return readFile(join(FACTORY_DIR, 'patches/lts', name, file), 'utf8');
}

function swapped(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`the patch does not have once: ${from}`);
  return text.replace(from, () => to);
}
