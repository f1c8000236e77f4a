import { afterAll, beforeAll, expect, test } from 'vitest';
import { installLab, type InstallLab, treeDiff } from '../helpers/install-lab.ts';
import { el6Manifest } from '../helpers/install-tree.ts';
import { sha256 } from '../helpers/tiny-snapshot.ts';

/** install.sh on a root in the shape of CentOS 6, with --root; each test goes on from the one before. */
let lab: InstallLab;
let before = '';
let id = '';
const ROOT = '--root /srv/host';
const KERNEL = '2.6.32-220.23.1.el6.ipvs_20bit.x86_64';
const tree = (): Promise<string> => lab.host.tree('/srv/host');
const read = async (path: string): Promise<string> => (await lab.host.run(`cat /srv/host${path}`)).output;

beforeAll(async () => {
  lab = await installLab();
  id = await lab.publish();
  before = await tree();
});
afterAll(() => lab[Symbol.asyncDispose]());

test('plan: every change in a line of its own, and nothing is touched', async () => {
  const { code, output } = await lab.install(`plan ${ROOT} ${lab.trust} /srv/pub/el6`);
  expect(code, output).toBe(2);
  for (const line of [
    `packages: install kernel-${KERNEL} beside what is there`,
    'packages: install kernel-firmware-2.6.32-220.23.1.el6.x86_64 instead of kernel-firmware-2.6.32-71.el6.x86_64',
    'packages: install keepalived-1.2.2-1.fn.x86_64 instead of keepalived-1.2.13-5.el6.x86_64',
    "packages: from this host's own repositories what provides libfixture.so.0",
    'boot: the next start takes ',
    'settings: UPDATEDEFAULT=no in /etc/sysconfig/kernel',
    'modules: toa (client addresses) in /etc/rc.d/rc.local',
    'offloads: gro = off',
    'sysctl: net.fixture.knob = 1 (a "quoted" reason) in /etc/sysctl.conf',
    'services: irqbalance off in runlevel 3',
    'files: /etc/fixture/deep/fixture.conf',
    'removals: remove gcc-4.4.7-23.el6.x86_64',
  ])
    expect(output).toContain(`\n${line}`);
  expect(treeDiff(before, await tree())).toEqual([]);
});

test('apply: the new kernel beside the old one, which stays the default; everything else as the manifest says', async () => {
  const { code, output } = await lab.install(`apply ${ROOT} ${lab.trust} /srv/pub/el6`);
  expect(code, output).toBe(0);
  const installed = (await lab.host.run("rpm --root /srv/host -qa --qf '%{NAME}-%{VERSION}\\n' | sort")).output;
  for (const name of ['kernel-2.6.32\nkernel-2.6.32\n', 'keepalived-1.2.2\n', 'popt-1.13\n'])
    expect(installed).toContain(name);
  expect(installed).not.toContain('gcc');
  const grub = await read('/boot/grub/grub.conf');
  expect(grub).toContain(`/vmlinuz-${KERNEL} ro root=/dev/sda1 quiet nohz=off`);
  const titles = grub.split('\n').filter((line) => line.startsWith('title'));
  expect(titles[Number(/default=(\d+)/.exec(grub)?.[1])]).toContain('2.6.32-71.el6');
  expect(await read('/etc/sysconfig/kernel')).toBe('UPDATEDEFAULT=no\nDEFAULTKERNEL=kernel\n');
  const local = await read('/etc/rc.d/rc.local');
  expect(local).toContain('# BEGIN fullnat-factory modules\nmodprobe toa\n# END fullnat-factory modules\n');
  expect(local).toContain('ethtool -K "${nic##*/}" gro off');
  expect(await read('/etc/sysctl.conf')).toContain('net.ipv4.ip_forward = 0\n# BEGIN fullnat-factory sysctl\n');
  expect((await lab.host.run('ls /srv/host/etc/rc.d/rc3.d')).output).toBe('K87irqbalance\n');
  expect((await lab.host.run('stat -c %a /srv/host/etc/fixture/deep/fixture.conf')).output).toBe('640\n');
  // What an operator wrote stays.
  expect(await read('/etc/keepalived/keepalived.conf')).toContain('# mine');
});

test('apply again, with no options: no change, not a byte', async () => {
  const applied = await tree();
  const { code, output } = await lab.install(`apply ${ROOT}`);
  expect({ code, output }).toEqual({ code: 0, output: `no change: director of el6 at ${id}\n` });
  expect(treeDiff(applied, await tree())).toEqual([]);
  expect(await lab.install(`plan ${ROOT}`)).toMatchObject({ code: 0 });
});

test('status: what is installed and what it waits for', async () => {
  const { code, output } = await lab.install(`status ${ROOT}`);
  expect(code).toBe(0);
  for (const words of ['director el6', id, 'pair pair-one', 'waiting for the reboot']) expect(output).toContain(words);
});

test('what somebody changed since: theirs stays, elsewhere in the file too, and is said', async () => {
  await lab.host.run(
    "cd /srv/host/etc; echo theirs >fixture/deep/fixture.conf; sed -i '/modprobe toa/s/$/ # theirs/' rc.d/rc.local; echo 'kernel.theirs = 1' >>sysctl.conf",
  );
  const { code, output } = await lab.install(`apply ${ROOT}`);
  expect(code, output).toBe(0);
  expect(output).toContain('/etc/fixture/deep/fixture.conf was changed by somebody since it was applied');
  expect(output).toContain('/etc/rc.d/rc.local was changed by somebody since it was applied (modules)');
  expect(await read('/etc/fixture/deep/fixture.conf')).toBe('theirs\n');
});

test('rollback with changes by somebody: ours goes, theirs stays, and what is left is said', async () => {
  const { code, output } = await lab.install(`rollback ${ROOT}`);
  expect(code, output).toBe(3);
  expect(output).toContain('warning: /etc/fixture/deep/fixture.conf was changed by somebody');
  expect(await read('/etc/sysctl.conf')).toBe('net.ipv4.ip_forward = 0\nkernel.theirs = 1\n');
  expect(await read('/etc/rc.d/rc.local')).toContain('modprobe toa # theirs');
  expect(await read('/etc/sysconfig/kernel')).toContain('UPDATEDEFAULT=yes');
  await lab.host.run('rm -rf /srv/host; cp -a /srv/host.orig /srv/host');
});

test('upgrade, then rollback: back to what was before the first apply, byte for byte', async () => {
  expect((await lab.install(`apply ${ROOT} ${lab.trust} --keep gcc /srv/pub/el6`)).code).toBe(0);
  const next = '2.6.32-220.24.1.el6.ipvs_20bit.x86_64';
  const rpm = lab.packages.files('ours').get(`kernel-${next}.rpm`) ?? Buffer.alloc(0);
  const manifest = el6Manifest(lab.packages) as { packages: object[]; kernel: object };
  await lab.publish({
    seconds: 2000,
    manifests: {
      director: {
        ...manifest,
        kernel: { ...manifest.kernel, release: next, image: `/boot/vmlinuz-${next}` },
        packages: manifest.packages.map((one, index) =>
          index > 0
            ? one
            : {
                ...one,
                nevra: `kernel-${next}`,
                file: `RPMS/kernel-${next}.rpm`,
                sha256: sha256(rpm),
                size: rpm.length,
              },
        ),
        ...{ modules: [], files: [] },
      },
    },
  });
  const planned = await lab.install(`plan ${ROOT}`);
  expect(planned.code, planned.output).toBe(2);
  expect(planned.output).toContain(`packages: install kernel-${next} beside what is there`);
  expect(planned.output).toContain('files: put back /etc/fixture/deep/fixture.conf');
  expect(planned.output).not.toContain('gcc');
  const applied = await lab.install(`apply ${ROOT}`);
  expect(applied.code, applied.output).toBe(0);
  expect(await read('/etc/rc.d/rc.local')).not.toContain('modprobe');
  expect((await lab.host.run('test -e /srv/host/etc/fixture/deep/fixture.conf')).code).toBe(1);
  expect(await lab.install(`apply ${ROOT}`)).toMatchObject({ code: 0 });
  const back = await lab.install(`rollback ${ROOT}`);
  expect(back.code, back.output).toBe(0);
  const after = await tree();
  expect(treeDiff(before, after)).toEqual([]);
  process.stdout.write(`before ${sha256(before)}\nafter  ${sha256(after)}\n`);
});
