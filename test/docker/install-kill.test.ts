import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostRun } from '../helpers/install-host.ts';
import { installLab, type InstallLab, treeDiff } from '../helpers/install-lab.ts';
import { el6Manifest } from '../helpers/install-tree.ts';

/** install.sh killed with SIGKILL around every call of a program that changes something: mv, rpm, rm, ln and what flushes the journal. */
let lab: InstallLab;
let [before, applied] = ['', ''];
const ROOT = '--root /srv/host';

/** Runs a command with its programs counted, and kills it at a point (none: 0). */
const killable = (args: string, at: number): Promise<HostRun> =>
  lab.host.run(
    `rm -f /kill/killed; echo 0 >/kill/count; : >/kill/calls; echo ${at} >/kill/at; setsid --wait sh -c 'echo $$ >/kill/group; PATH=/kill/bin:$PATH exec sh /srv/install.sh "$@"' sh ${args}`,
  );
const wasKilled = async (): Promise<boolean> => (await lab.host.run('test -e /kill/killed')).code === 0;
const points = async (): Promise<number> => 2 * Number((await lab.host.run('cat /kill/count')).output);
const fresh = (): Promise<HostRun> => lab.host.run('rm -rf /srv/host; cp -a /srv/host.orig /srv/host');
/** Without times, and without our memory, whose journal tells of the kill. */
const files = async (): Promise<string> =>
  (await lab.host.tree('/srv/host')).replace(/^.*\/var\/lib\/fullnat-factory.*\n/gm, '').replace(/ \d+\.\d+$/gm, '');

/** Every entry that the boot loader can take by itself names a kernel that is there. */
async function expectBootable(at: string): Promise<void> {
  const { code, output } = await lab.host.run(
    `cd /srv/host/boot; n=$(sed -n 's/^default=//p' grub/grub.conf); k=$(awk -v n="$n" '/^title/ {i++} $1 == "kernel" && i == n + 1 {print $2}' grub/grub.conf); test -n "$k" && test -s ".$k" && echo "$k"`,
  );
  expect({ at, code, old: output.includes('2.6.32-71.el6') }, output).toEqual({ at, code: 0, old: true });
}

beforeAll(async () => {
  lab = await installLab();
  const manifest = el6Manifest(lab.packages) as { packages: { name: string }[] };
  // What dnf resolves takes seconds each time, and is killed in another test.
  const packages = manifest.packages.filter(({ name }) => name !== 'ipvsadm');
  await lab.publish({ manifests: { director: { ...manifest, packages } } });
  await lab.host.put(resolve(import.meta.dirname, '../helpers/install-kill.sh'), '/srv/install-kill.sh');
  await lab.host.run(
    'mkdir -p /kill/bin /srv/host/var/cache/dnf; cp /srv/packages/host/*.rpm /srv/host/var/cache/dnf; for p in mv rpm rm ln sync; do cp /srv/install-kill.sh /kill/bin/$p; done; rm -rf /srv/host.orig; cp -a /srv/host /srv/host.orig',
  );
  before = await lab.host.tree('/srv/host');
});
afterAll(() => lab[Symbol.asyncDispose]());

const APPLY = (): string => `apply ${ROOT} ${lab.trust} /srv/pub/el6`;
/**
 * Every so many points; 1 takes all of them, and half an hour. Odd, so that it is before a call and after one in turn. START: which
 * is the first, for several runs that share all points among them.
 */
const STRIDE = Number(process.env.INSTALL_KILL_STRIDE ?? '19');
const START = Number(process.env.INSTALL_KILL_START ?? '1');

test(
  'apply killed at any point: bootable, apply finishes, rollback brings everything back',
  { timeout: 7_200_000 },
  async () => {
    const whole = await killable(APPLY(), 0);
    expect(whole.code, whole.output).toBe(0);
    applied = await files();
    const count = await points();
    expect(count).toBeGreaterThan(60);
    let killed = 0;
    for (let at = START; at <= count; at += STRIDE) {
      await fresh();
      await killable(APPLY(), at);
      if (!(await wasKilled())) continue;
      killed++;
      await expectBootable(`apply ${at}`);
      if (killed % 2 === 0) {
        const again = await lab.install(APPLY());
        expect({ at, code: again.code }, again.output).toEqual({ at, code: 0 });
        expect(treeDiff(applied, await files()), `apply ${at}`).toEqual([]);
        expect((await lab.install(`apply ${ROOT}`)).output, `apply ${at}`).toContain('no change');
      }
      const back = await lab.install(`rollback ${ROOT}`);
      expect({ at, code: back.code }, back.output).toEqual({ at, code: 0 });
      expect(treeDiff(before, await lab.host.tree('/srv/host')), `apply ${at}`).toEqual([]);
    }
    process.stdout.write(`apply: ${count} points, killed at ${killed}\n`);
    expect(killed).toBeGreaterThan((count - START) / STRIDE / 2);
  },
);

test('rollback killed at any point: bootable, and rollback finishes', { timeout: 7_200_000 }, async () => {
  await fresh();
  expect((await lab.install(APPLY())).code).toBe(0);
  await lab.host.run('rm -rf /srv/host.applied; cp -a /srv/host /srv/host.applied');
  expect((await killable(`rollback ${ROOT}`, 0)).code).toBe(0);
  const count = await points();
  let killed = 0;
  for (let at = START; at <= count; at += STRIDE) {
    await lab.host.run('rm -rf /srv/host; cp -a /srv/host.applied /srv/host');
    await killable(`rollback ${ROOT}`, at);
    if (!(await wasKilled())) continue;
    killed++;
    await expectBootable(`rollback ${at}`);
    const back = await lab.install(`rollback ${ROOT}`);
    expect({ at, code: back.code }, back.output).toEqual({ at, code: 0 });
    expect(treeDiff(before, await lab.host.tree('/srv/host')), `rollback ${at}`).toEqual([]);
  }
  process.stdout.write(`rollback: ${count} points, killed at ${killed}\n`);
  expect(killed).toBeGreaterThan((count - START) / STRIDE / 2);
});

test('of an apply that was killed before it had anything to remember, rollback leaves nothing', async () => {
  await fresh();
  await lab.host.run('mkdir -p /srv/host/var/lib/fullnat-factory/install.new/kept');
  expect(await lab.install(`rollback ${ROOT}`)).toMatchObject({
    code: 0,
    output: expect.stringContaining('nothing') as string,
  });
  expect(treeDiff(before, await lab.host.tree('/srv/host'))).toEqual([]);
});
