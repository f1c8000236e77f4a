import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BootHost, HOSTS_SHELLS } from './boot-rig.ts';
import { type Device, link, machine } from './devices-machine.ts';

/** The lines that install.sh says before the reboot, in this machine, for a kernel with these drivers. */
function warnings(host: BootHost, drivers: string, initramfs = '/boot/initramfs'): string[] {
  host.write('drivers', `devices 1 r\n${drivers}`);
  const text = host.ok(`sys=$root/sys proc=$root/proc top=$root root=''; devices_warnings "$top/drivers" ${initramfs}`);
  return text === '' ? [] : text.split('\n');
}

const BNX2X: Device = {
  path: 'pci0000:00/0000:02:00.0',
  modalias: 'pci:v000014E4d00001657sv0000103Csd000022FAbc02sc00i00',
  id: '14e4:1657',
  class: '0x020000',
  driver: 'bnx2x',
  module: 'bnx2x',
};
const TG3 = {
  ...BNX2X,
  path: 'pci0000:00/0000:03:00.0',
  modalias: 'pci:v000014E4d00001686sv00sd00bc02sc00i00',
  id: '14e4:1686',
  driver: 'tg3',
  module: 'tg3',
};
const MEGARAID: Device = {
  path: 'pci0000:00/0000:05:00.0',
  modalias: 'pci:v00001000d0000005Bsv00001028sd00001F35bc01sc04i00',
  id: '1000:005b',
  class: '0x010400',
  driver: 'megaraid_sas',
  module: 'megaraid_sas',
};
const SDA: Device = { path: `${MEGARAID.path}/host0/target0:2:0/0:2:0:0`, driver: 'sd', module: 'sd_mod' };

/** A server as they stand in racks: two kinds of network cards, a disk behind a RAID controller, LVM on its second partition. */
function server(shell = HOSTS_SHELLS[0]): BootHost {
  const bridge: Device = {
    path: 'pci0000:00/0000:00:1f.0',
    modalias: 'pci:v8086bc06',
    class: '0x060100',
    driver: 'lpc_ich',
  };
  const sensors: Device = {
    path: 'pci0000:00/0000:00:1f.3',
    modalias: 'pci:v8086bc0C',
    class: '0x0c0500',
    driver: 'i801_smbus',
    module: 'i2c_i801',
  };
  const unused: Device = {
    path: 'pci0000:00/0000:09:00.0',
    modalias: 'pci:v9999bc02',
    class: '0x020000',
    id: '9999:0001',
  };
  const host = machine([BNX2X, TG3, MEGARAID, SDA, bridge, sensors, unused], '253:0 ext4', shell);
  const block = `sys/devices/${SDA.path}/block/sda`;
  host.write(`${block}/sda2/partition`, '2\n');
  host.write('sys/devices/virtual/block/dm-0/dm/name', 'vg-root\n');
  host.write('sys/devices/virtual/block/dm-0/uevent', 'DEVNAME=dm-0\n');
  mkdirSync(join(host.root, `sys/devices/${BNX2X.path}/net/eth0`), { recursive: true });
  link(host, `${block}/device`, `sys/devices/${SDA.path}`);
  link(host, 'sys/devices/virtual/block/dm-0/slaves/sda2', `${block}/sda2`);
  link(host, 'sys/dev/block/253:0', 'sys/devices/virtual/block/dm-0');
  return host;
}

const GOOD = `module bnx2x module
module tg3 module
module megaraid_sas module
module sd_mod module
module dm_mod module
module ext4 module
module i2c-i801 module
alias pci:v000014E4d00001657sv*sd*bc*sc*i* bnx2x
alias pci:v000014E4d0000168[0-9]sv*sd*bc*sc*i* tg3
alias pci:v00001000d0000005Bsv*sd*bc*sc*i* megaraid_sas
`;

test.each(HOSTS_SHELLS)('a server whose devices the new kernel knows: nothing is said: %s, %s', (...shell) => {
  expect(warnings(server(shell), GOOD)).toEqual([]);
});

test.each(HOSTS_SHELLS)(
  'what the new kernel has no driver for is said, with address, device and what is behind it: %s, %s',
  (...shell) => {
    const none = (name: string): string =>
      GOOD.split('\n')
        .filter((line) => !line.includes(name))
        .join('\n');
    expect(warnings(server(shell), none('bnx2x'))).toEqual([
      'warning: network device 0000:02:00.0 [14e4:1657], eth0: the new kernel has no driver for it (now: bnx2x)',
    ]);
    // The card is newer than the driver.
    expect(warnings(server(shell), GOOD.replace('168[0-9]', '168[0-5]'))).toEqual([
      'warning: network device 0000:03:00.0 [14e4:1686]: driver tg3 of the new kernel does not know this device',
    ]);
    expect(warnings(server(shell), none('megaraid'))).toEqual([
      'warning: storage device 0000:05:00.0 [1000:005b], sda: the new kernel has no driver for it (now: megaraid_sas)',
      'warning: the root file system needs megaraid_sas (sda, 0000:05:00.0 [1000:005b]), and the new kernel has no such driver: it would not start',
    ]);
    expect(warnings(server(shell), none('i2c'))).toEqual([
      'warning: no driver in the new kernel, and nothing starts from or serves over these: 0000:00:1f.3 (i801_smbus)',
    ]);
    expect(warnings(server(shell), none('ext4'))[0]).toContain('needs ext4 (file system ext4)');
    expect(warnings(server(shell), none('dm_mod'))[0]).toContain('needs dm_mod (dm-0)');
  },
);

test('without an initramfs what the root file system needs has to be built in', () => {
  const said = warnings(server(), GOOD, '-');
  expect(said).toHaveLength(4);
  expect(said[0]).toMatch(/needs dm_mod \(dm-0\), in the new kernel a module, and it starts without an initramfs/);
  expect(warnings(server(), GOOD.replace(/ module$/gm, ' builtin'), '-')).toEqual([]);
});

test('a virtual machine: built-in drivers of the same name count, and missing ones are said', () => {
  const disk = (driver: string): Device => ({
    path: 'pci0000:00/0000:00:04.0/virtio1',
    modalias: 'virtio:d00000002v00001AF4',
    driver,
    module: driver,
  });
  const pci: Device = {
    path: 'pci0000:00/0000:00:04.0',
    modalias: 'pci:v00001AF4d00001001bc01',
    id: '1af4:1001',
    class: '0x010000',
    driver: 'virtio-pci',
    module: 'virtio_pci',
  };
  const host = machine([pci, disk('virtio_blk')], '254:1 ext4');
  host.write(`sys/devices/${pci.path}/virtio1/block/vda/vda1/partition`, '1\n');
  link(host, `sys/devices/${pci.path}/virtio1/block/vda/device`, `sys/devices/${pci.path}/virtio1`);
  link(host, 'sys/dev/block/254:1', `sys/devices/${pci.path}/virtio1/block/vda/vda1`);
  const drivers = 'module virtio_pci builtin\nmodule virtio_blk builtin\nmodule ext4 builtin\n';
  expect(warnings(host, drivers, '-')).toEqual([]);
  expect(warnings(host, drivers.replace('module virtio_blk builtin\n', ''), '-')).toEqual([
    'warning: virtual device virtio1, vda: the new kernel has no driver for it (now: virtio_blk)',
    'warning: the root file system needs virtio_blk (vda, virtio1), and the new kernel has no such driver: it would not start',
  ]);
});

test('another machine, a file system of no disk: nothing is said of what is not known', () => {
  const host = server();
  host.write('drivers', 'devices 1 r\n');
  expect(host.ok('sys=$root/sys proc=$root/proc; devices_warnings "$root/drivers" -')).toBe('');
  expect(warnings(machine([], '0:42 overlay'), '', '-')).toEqual([]);
});

test.each([
  ['gzip', 'gzip -c'],
  ['xz', 'xz -c'],
  ['not compressed', 'cat'],
])('an initramfs (%s) without the driver of the root file system is refused', (_, pack) => {
  for (const early of ['', 'echo kernel/x86/microcode.bin | cpio -o -H newc --quiet;']) {
    const host = server();
    host.write('tree/lib/modules/r/megaraid_sas.ko.xz', '');
    for (const name of ['sd_mod', 'dm-mod', 'ext4']) host.write(`tree/lib/modules/r/${name}.ko`, '');
    host.write('drivers', GOOD);
    host.write('early/kernel/x86/microcode.bin', 'x');
    const make = `{ (cd "$root/early"; ${early} :); (cd "$root/tree"; find . | cpio -o -H newc --quiet | ${pack}); } >"$root/initramfs"`;
    const check = 'sys=$root/sys proc=$root/proc top=$root root=""; devices_initramfs "$top/drivers" "$top/initramfs"';
    expect(host.run(`${make}; ${check}`), early).toEqual({ code: 0, text: '' });
    const without = host.run(`rm "$root/tree/lib/modules/r/megaraid_sas.ko.xz"; ${make}; ${check}`);
    expect(without.code).toBe(1);
    expect(without.text).toMatch(/initramfs lacks megaraid_sas, .* dracut --add-drivers megaraid_sas$/);
    // What is to be tried is looked at before it is armed.
    const tried = `${check.split(';')[0] ?? ''}; cp "$top/drivers" "$work/devices"; initramfs="$top/initramfs"; boot_call() { echo armed; }; boot_try r`;
    expect(host.run(tried)).toMatchObject({ code: 40, text: expect.stringContaining('lacks megaraid_sas') as string });
    expect(host.run(`: >"$root/initramfs"; ${check}`)).toMatchObject({
      code: 1,
      text: expect.stringContaining('cannot be read') as string,
    });
  }
});
