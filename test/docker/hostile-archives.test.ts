import { afterAll, beforeAll, expect, test } from 'vitest';
import { textTable } from '../../pipeline/report/text-table.ts';
import { BOMB_PARTS, bombs, BOMBS_SHELL } from './hostile/bombs.ts';
import { DEBS, srpms } from './hostile/packages.ts';
import type { Hostile } from './hostile/trees.ts';
import { TREES } from './hostile/trees.ts';
import { only, stepRig, type StepRig } from './step-rig.ts';

const MEMORY = 200 * 1024 ** 2;
const SPEC = `Name: a
Version: 1
Release: 1
Summary: a
License: a
Source0: a.c
%description
a
`;
const SETTINGS = {
  ...{ TOP: 'top', INTO: 'top', FILE: 'top.tar.gz', SOURCE_DATE_EPOCH: '1' },
  ...{ MEMBER: 'usr/src/a.tar.xz', OUT: 'a.tar.xz' },
  ...{ FILES: 'a.c', SPEC: 'a.spec' },
  ...{ SOURCE0: 'a.c', SOURCE0_TOP: 'top', TREE_TOP: 'top' },
};

/** A step script, and the folder of /in that holds its archive. */
interface Place {
  readonly script: string;
  readonly folder: string;
}
const REPACK = { script: 'repack-tree.sh', folder: 'archive' };
const EXTRACT = { script: 'extract-member.sh', folder: 'archive' };
const UNPACK = { script: 'unpack-srpm.sh', folder: 'srpm' };
const ASSEMBLE = { script: 'assemble-srpm.sh', folder: 'srpm' };
const CROSS_CHECK = { script: 'cross-check.sh', folder: 'srpm' };

let rig: StepRig;
let srpm: Buffer;
const table: string[][] = [];
beforeAll(async () => {
  rig = await stepRig();
  const made = await rig.step('assemble-srpm.sh', SETTINGS, { 'in/SOURCES/a.c': 'int a;\n', 'in/SPECS/a.spec': SPEC });
  srpm = only(made.outputs, 'a-1-1.src.rpm');
});
afterAll(() => {
  const lines = textTable(['archive', 'where', 'reason'], table);
  process.stdout.write(`${lines.join('\n')}\n${table.length} hostile archives refused\n`);
});

/** Every archive through the script of its place, all of them in one container with 200 MB of memory. */
async function refused({ script, folder }: Place, archives: readonly Hostile[]): Promise<void> {
  const files = archives.flatMap(({ file, bytes, env = {} }, index) => [
    [`in/cases/${index}/archive/${file}`, bytes] as const,
    [
      `in/cases/${index}/env`,
      Object.entries(env)
        .map((pair) => `export ${pair.join('=')}\n`)
        .join(''),
    ] as const,
  ]);
  const shell = `
    for n in $(seq 0 ${archives.length - 1}); do
      rm -rf /in/${folder}
      mv /in/cases/$n/archive /in/${folder}
      code=0
      (. /in/cases/$n/env; exec /bin/bash /step/entry.sh ${script}) >/tmp/log 2>&1 || code=$?
      echo "case $n $code $(grep '^@@factory error=' /tmp/log | tail -n 1 || tail -n 1 /tmp/log)"
      [ -z "$(find /out ! -type d)" ] || echo "case $n left something"
    done
    find / -maxdepth 3 -name 'evil*' -print 2>/dev/null || true`;
  const inputs = { 'in/SPECS/a.spec': SPEC, 'in/tree/top.tar': '', ...Object.fromEntries<Buffer | string>(files) };
  const { code, lines } = await rig.shell(shell, inputs, {
    env: {
      ...SETTINGS,
      UNPACK_MEMBERS: '200000',
      UNPACK_BYTES: String(8 * 1024 ** 3),
      UNPACK_PATH_BYTES: '1024',
      UNPACK_RATIO: '100',
    },
    tmpfs: {},
    memoryBytes: MEMORY,
    writableRoot: 'one container tries many archives in the place of one input',
  });
  expect(code, lines.join('\n')).toBe(0);
  const got = lines.filter((line) => line.startsWith('case '));
  for (const [index, { file, reason }] of archives.entries()) {
    const line = got.find((one) => one.startsWith(`case ${index} `)) ?? '';
    table.push([file, script, line.replace(/.* detail=/, '')]);
    expect.soft(line, `${file} in ${script}`).toContain(reason);
    const kind = archives[index]?.code ?? 'archive-refused';
    expect
      .soft(line, `${file} in ${script}`)
      .toMatch(new RegExp(`^case ${index} (12|20) @@factory error=${kind} detail=${file}`));
  }
  expect(got).toHaveLength(archives.length);
  expect(lines.filter((line) => line.includes('evil') && !line.startsWith('case '))).toEqual([]);
}

test('archives of source trees', () => refused(REPACK, TREES));
test('Debian packages', () => refused(EXTRACT, DEBS));
test('source packages', () => refused(UNPACK, srpms(srpm, SPEC)));
test('source packages that are assembled or compared', async () => {
  const some = srpms(srpm, SPEC).slice(0, 3);
  await refused(ASSEMBLE, some);
  await refused(CROSS_CHECK, some);
});
test('archives of which one file is taken', () => refused(EXTRACT, TREES.slice(0, 2)));
test('bombs', async () => refused(REPACK, bombs(await rig.make(BOMBS_SHELL, BOMB_PARTS))));
