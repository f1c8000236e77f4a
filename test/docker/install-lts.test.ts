import { afterAll, beforeAll, expect, test } from 'vitest';
import { installLab, type InstallLab, treeDiff } from '../helpers/install-lab.ts';
import { el6Manifest, type Manifest } from '../helpers/install-tree.ts';
import { sha256 } from '../helpers/tiny-snapshot.ts';

/** install.sh on the machine that it runs on: Debian 12 with rpm, dnf and GRUB 2, as recipe lts takes it. */
let lab: InstallLab;
let before = '';
const KERNEL = '2.6.32-220.23.1.el6.ipvs_20bit.x86_64';
const tree = (): Promise<string> => lab.host.tree('');
const read = async (path: string): Promise<string> => (await lab.host.run(`cat ${path}`)).output;
/** What uname says when the new kernel runs. */
const UNDER_NEW = 'PATH=/kill/new:$PATH';

const HOST = `set -e
mkdir -p /boot/grub /lib/modules /kill/new /usr/lib/systemd/system /etc/systemd/system/multi-user.target.wants /etc/modules-load.d /etc/sysctl.d
printf '%s\\n' 'if [ -s $prefix/grubenv ]; then load_env; fi' 'set default="0"' "menuentry 'Debian' --class debian {" '	search --no-floppy --fs-uuid --set=root 1234' '	linux /boot/vmlinuz-6.1.0 root=/dev/vda1 ro quiet' '	initrd /boot/initrd.img-6.1.0' '}' 'if [ -f \${config_directory}/custom.cfg ]; then' '  source \${config_directory}/custom.cfg' 'fi' >/boot/grub/grub.cfg
echo old >/boot/vmlinuz-6.1.0
printf '[Unit]\\n[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' >/usr/lib/systemd/system/irqbalance.service
ln -s /usr/lib/systemd/system/irqbalance.service /etc/systemd/system/multi-user.target.wants/irqbalance.service
printf '[base]\\nname=base\\nbaseurl=file:///srv/packages/host\\nenabled=1\\ngpgcheck=1\\ngpgkey=file:///srv/packages/distribution.asc\\n' >/etc/yum.repos.d/base.repo
rpm --import /srv/packages/distribution.asc
rpm -i /srv/packages/host/{keepalived,gcc}-[0-9]*.rpm
printf '#!/bin/sh\\ncase $1 in -r) echo ${KERNEL} ;; *) exec /bin/uname "$@" ;; esac\\n' >/kill/new/uname
chmod 755 /kill/new/uname
`;

beforeAll(async () => {
  lab = await installLab();
  const made = await lab.host.run(HOST);
  if (made.code !== 0) throw new Error(made.output);
  const usual = el6Manifest(lab.packages);
  const director: Manifest = {
    ...usual,
    platform: { arch: 'x86_64', distributions: [{ id: 'debian', versions: ['12'] }], bootMiB: 1 },
    sysctl: [{ key: 'net.ipv4.vs.am_droprate', value: '10', reason: 'comes with the new kernel' }],
    checks: {
      before: [{ id: 'tools', command: 'cat /usr/sbin/keepalived', expected: '1.2.2' }],
      after: [{ id: 'kernel-running', command: 'uname -r', expected: KERNEL }],
    },
  };
  await lab.publish({ manifests: { director } });
  before = await tree();
});
afterAll(() => lab[Symbol.asyncDispose]());

test('dash and bash --posix plan the same, and change nothing', async () => {
  const plan = `plan ${lab.trust} /srv/pub/el6`;
  const [dash, bash] = [await lab.install(plan, 'dash'), await lab.install(plan, 'bash --posix')];
  expect(dash.code, dash.output).toBe(2);
  expect(bash).toEqual(dash);
  expect(treeDiff(before, await tree())).toEqual([]);
});

test('apply, and apply again: units, drop-in files, an entry that is tried once', async () => {
  const first = await lab.install(`apply ${lab.trust} /srv/pub/el6`);
  expect(first.code, first.output).toBe(0);
  expect(await read('/etc/modules-load.d/fullnat-factory.conf')).toBe('toa\n');
  expect(await read('/etc/sysctl.d/90-fullnat-factory.conf')).toContain('net.ipv4.vs.am_droprate = 10\n');
  expect(await read('/etc/systemd/system/fullnat-factory-offloads.service')).toContain(
    'ethtool -K "$${nic##*/}" gro off',
  );
  const wanted = (await lab.host.run('ls /etc/systemd/system/multi-user.target.wants')).output;
  expect(wanted).toContain('fullnat-factory-offloads.service\n');
  expect(wanted).not.toContain('irqbalance');
  expect(await read('/boot/grub/custom.cfg')).toContain(`/boot/vmlinuz-${KERNEL} root=/dev/vda1 ro quiet nohz=off`);
  const applied = await tree();
  const again = await lab.install('apply');
  expect(again.code, again.output).toBe(0);
  expect(again.output).toContain('no change');
  expect(treeDiff(applied, await tree())).toEqual([]);
});

test('verify: before the reboot, with a failing check, and under the new kernel, which it confirms', async () => {
  const early = await lab.install('verify');
  expect(early.code, early.output).toBe(0);
  expect(early.output).toContain('reboot to try');
  expect((await lab.install('status')).output).toContain('waiting for the reboot');
  await lab.host.run('cp -p /usr/sbin/keepalived /srv/aside; echo broken >/usr/sbin/keepalived');
  const broken = await lab.host.run(`${UNDER_NEW} sh /srv/install.sh verify`);
  expect(broken.code, broken.output).toBe(1);
  expect(broken.output).toContain('FAILED: tools');
  expect((await lab.install('status')).output).not.toContain('boot      confirmed');
  await lab.host.run('cp -p /srv/aside /usr/sbin/keepalived');
  const green = await lab.host.run(`${UNDER_NEW} sh /var/lib/fullnat-factory/install/install.sh verify`);
  expect(green.code, green.output).toBe(0);
  expect(green.output).toContain(`confirmed: ${KERNEL} is the default from now on`);
  expect((await lab.host.run(`${UNDER_NEW} sh /srv/install.sh status`)).output).toContain('confirmed, the default');
});

test('rollback: under the new kernel only the boot loader, and then all of it', async () => {
  const early = await lab.host.run(`${UNDER_NEW} sh /srv/install.sh rollback`);
  expect(early.code, early.output).toBe(42);
  expect((await lab.host.run('rpm -q keepalived')).output).toContain('1.2.2');
  const back = await lab.install('rollback');
  expect(back.code, back.output).toBe(0);
  const after = await tree();
  expect(treeDiff(before, after)).toEqual([]);
  process.stdout.write(`before ${sha256(before)}\nafter  ${sha256(after)}\n`);
  expect((await lab.install('status')).output).toBe('nothing was installed here by this script\n');
});
