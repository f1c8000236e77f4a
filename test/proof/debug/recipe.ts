import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FACTORY_DIR } from '../../../pipeline/cli/paths.ts';

/**
 * Writes recipe lts-debug below `parent`: recipe lts with the fragment config-debug, names of its own, and the stress round switched
 * on in its proof. Returns its folder. What is to be replaced must be there exactly so often, or this fails.
 */
export async function debugRecipe(parent: string): Promise<string> {
  const [lts, dir] = [join(FACTORY_DIR, 'pipeline/recipes/lts'), join(parent, 'lts-debug')];
  await rm(dir, { recursive: true, force: true });
  await mkdir(parent, { recursive: true });
  await cp(lts, dir, { recursive: true });
  await cp(join(FACTORY_DIR, 'patches/lts'), join(dir, 'patches'), { recursive: true });
  await writeFile(join(dir, 'config-local'), await readFile(join(lts, 'config-debug')));
  let text = await readFile(join(lts, 'recipe.yaml'), 'utf8');
  for (const { from, to, times } of CHANGES) {
    if (text.split(from).length !== times + 1)
      throw new Error(`recipe lts does not have ${String(times)} times: ${from}`);
    text = text.replaceAll(from, () => to);
  }
  await writeFile(join(dir, 'recipe.yaml'), text);
  return dir;
}

interface Change {
  readonly from: string;
  readonly to: string;
  readonly times: number;
}

const CHANGES: readonly Change[] = [
  { from: 'name: lts\n', to: 'name: lts-debug\n', times: 1 },
  { from: ':8080/lts\n', to: ':8080/lts-debug\n', times: 1 },
  { from: 'buildid: .ipvs_20bit\n', to: 'buildid: .ipvs_20bit.debug\n', times: 1 },
  { from: 'buildid: .toa\n', to: 'buildid: .toa.debug\n', times: 1 },
  // Nothing that such a build compiles is of use to the other.
  { from: 'ccache: lts-kernel\n', to: 'ccache: lts-kernel-debug\n', times: 2 },
  // Objects with a check at every access are several times larger.
  { from: 'treeMiB: 4096\n', to: 'treeMiB: 8192\n', times: 2 },
  {
    from: '    tableSize: 1048576\n',
    to: [
      '    tableSize: 1048576',
      '    stress: { connections: 10000, unloads: 5, debug: true, seconds: 3000 }',
      '    seconds: { boot: 900, all: 6000 }',
      '',
    ].join('\n'),
    times: 1,
  },
  // One byte of shadow for eight, and what is freed is kept a while.
  { from: '    machine:\n', to: '    machine:\n      memoryMiB: 1024\n', times: 1 },
];
