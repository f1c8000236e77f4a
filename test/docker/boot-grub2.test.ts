import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type BootHost, bootHost, HOSTS_SHELLS } from './boot-rig.ts';

/** grub.cfg as Debian's grub-mkconfig writes it: the one that the installation proof boots. */
const GRUB_CFG = readFileSync(resolve(import.meta.dirname, '../proof/hosts/grub.cfg'), 'utf8')
  .replaceAll('@UUID@', '0e7c1d6a-5f6b-4f0a-9a52-3f2b1c6d7e8f')
  .replaceAll('@RELEASE@', '6.1.0-56-cloud-amd64')
  .replaceAll('@ARGUMENTS@', 'quiet');
const RELEASE = '6.1.192-1.fn12.toa.x86_64';
const WISH = `${RELEASE} /boot/vmlinuz-${RELEASE} - 'nohz=off'`;

/** An environment block with these lines, as grub-editenv makes it. */
function block(...lines: readonly string[]): Buffer {
  return Buffer.from(`# GRUB Environment Block\n${lines.map((line) => `${line}\n`).join('')}`.padEnd(1024, '#'));
}

function debian(shell = HOSTS_SHELLS[0], files: Readonly<Record<string, string | Buffer>> = {}): BootHost {
  return bootHost({ 'boot/grub/grub.cfg': GRUB_CFG, 'boot/grub/grubenv': block(), ...files }, shell);
}

/** Lines of the environment block, which has to be whole. */
function environment(host: BootHost): string[] {
  const bytes = host.bytes('boot/grub/grubenv');
  expect(bytes.length).toBe(1024);
  const text = bytes.toString('utf8').replace(/#+$/, '');
  expect(text.startsWith('# GRUB Environment Block\n')).toBe(true);
  return text.split('\n').slice(1, -1);
}

/** What GRUB does with the block before it starts the kernel that is to be tried. */
function asGrubStartsIt(host: BootHost): void {
  const tried = /^fullnat_factory_try=(.*)$/m.exec(host.read('boot/grub/grubenv'))?.[1] ?? '';
  const rest = environment(host).filter((line) => !/^fullnat_factory_(try|tried)=/.test(line));
  host.write('boot/grub/grubenv', block(...rest, `fullnat_factory_tried=${tried}`, 'fullnat_factory_try='));
}

test.each(HOSTS_SHELLS)('from the plan to the confirmed default and back: %s, %s', (...shell) => {
  const host = debian(shell);
  expect(host.ok('boot_kind')).toBe('grub2');
  expect(host.ok(`boot_state ${RELEASE}`)).toBe('absent');
  expect(host.ok(`boot_plan ${WISH}`).split('\n')).toEqual([
    `boot: entry of ${RELEASE} in /boot/grub/custom.cfg: linux /boot/vmlinuz-${RELEASE} root=UUID=0e7c1d6a-5f6b-4f0a-9a52-3f2b1c6d7e8f ro console=ttyS0,115200 quiet nohz=off \${fullnat_factory_panic}`,
    `warning: /boot/vmlinuz-${RELEASE} has no initramfs and root= names a UUID or LABEL, which only an initramfs finds; from here it cannot be told which partition that is`,
    `boot: the next start takes ${RELEASE} once, the one after it again the present default, until it is confirmed`,
  ]);
  expect(host.exists('boot/grub/custom.cfg')).toBe(false);

  host.ok(`boot_add ${WISH}`);
  expect(host.ok(`boot_state ${RELEASE}`)).toBe('added');
  expect(environment(host)).toEqual([]);
  const entry = host.read('boot/grub/custom.cfg').split(`### BEGIN fullnat-factory ${RELEASE} ###`)[1] ?? '';
  expect(entry).toContain(`menuentry 'Linux ${RELEASE} (fullnat-factory)' --id 'fullnat-factory-${RELEASE}' {`);
  expect(entry).toContain("  set root='hd0,msdos1'\n");
  expect(entry).not.toMatch(/initrd|echo/);

  host.ok(`boot_try ${RELEASE}`);
  expect(host.ok(`boot_state ${RELEASE}`)).toBe('trying');
  expect(environment(host)).toEqual([`fullnat_factory_try=${RELEASE}`]);
  expect(host.ok(`boot_plan ${WISH}`)).toBe('');
  const before = host.read('boot/grub/custom.cfg');
  host.ok(`boot_add ${WISH}`);
  expect(host.read('boot/grub/custom.cfg')).toBe(before);

  asGrubStartsIt(host);
  expect(host.ok(`boot_state ${RELEASE}`)).toBe('tried');
  host.ok(`boot_confirm ${RELEASE}`);
  expect(host.ok(`boot_state ${RELEASE}`)).toBe('confirmed');
  expect(environment(host)).toEqual([`fullnat_factory=${RELEASE}`]);

  host.ok(`boot_remove ${RELEASE}`);
  expect(host.ok(`boot_state ${RELEASE}`)).toBe('absent');
  expect(host.read('boot/grub/custom.cfg')).toBe('');
  expect(host.bytes('boot/grub/grubenv').equals(block())).toBe(true);
});

test('an upgrade: the confirmed kernel stays the default while the next one is tried, and what others wrote stays', () => {
  const host = debian(undefined, {
    'boot/grub/grubenv': block('saved_entry=0', 'other=a=b'),
    'boot/grub/custom.cfg': "menuentry 'rescue' {\n  true\n}\n",
  });
  const next = RELEASE.replace('-1.', '-2.');
  host.ok(`boot_add ${WISH}; boot_try ${RELEASE}; boot_confirm ${RELEASE}`);
  host.ok(`boot_add ${WISH.replaceAll(RELEASE, next)}; boot_try ${next}`);
  expect(environment(host)).toEqual([
    'saved_entry=0',
    'other=a=b',
    `fullnat_factory=${RELEASE}`,
    `fullnat_factory_try=${next}`,
  ]);
  expect(host.ok(`boot_state ${RELEASE}; boot_state ${next}`)).toBe('confirmed\ntrying');
  expect(host.read('boot/grub/custom.cfg').match(/^### BEGIN fullnat-factory ###$/gm)).toHaveLength(1);
  host.ok(`boot_remove ${next}; boot_remove ${RELEASE}`);
  expect(host.read('boot/grub/custom.cfg')).toBe("menuentry 'rescue' {\n  true\n}\n");
  expect(environment(host)).toEqual(['saved_entry=0', 'other=a=b']);
});

test('where there is no environment block one is made, and taken away again', () => {
  const host = bootHost({ 'boot/grub/grub.cfg': GRUB_CFG });
  host.ok(`boot_add ${WISH}; boot_try ${RELEASE}`);
  expect(environment(host)).toContain(`fullnat_factory_try=${RELEASE}`);
  host.ok(`boot_remove ${RELEASE}`);
  expect(host.exists('boot/grub/grubenv')).toBe(false);
});

test.each([
  ['a number', '0', 'one'],
  ['an id', 'id-two', 'two'],
  ['a title', 'Two', 'two'],
  ['a number in a submenu', '2>1', 'four'],
  ['ids in a submenu', 'sub>id-three', 'three'],
  ['a submenu alone', '2', 'three'],
  ['nothing that is there', 'gone', 'one'],
  ['what was saved', '${saved_entry}', 'four'],
])('the default entry by %s', (_, spec, kernel) => {
  const entry = (name: string, title: string): string =>
    `menuentry "${title}" --class x $menuentry_id_option 'id-${name}' {\n\tset root='hd0,1'\n\tlinux\t/vmlinuz-${name} ro\n}\n`;
  const submenu = `submenu 'Sub' --id sub {\n${entry('three', 'Three')}${entry('four', 'Four')}}\n`;
  const tail =
    'load_env\nif [ -f ${config_directory}/custom.cfg ]; then\n  source ${config_directory}/custom.cfg\nfi\n';
  const text = `function f {\n  true\n}\nset default="${spec}"\n${entry('one', 'One')}${entry('two', 'Two')}${submenu}${tail}`;
  for (const shell of HOSTS_SHELLS) {
    const host = bootHost({ 'boot/grub/grub.cfg': text, 'boot/grub/grubenv': block('saved_entry=sub>id-four') }, shell);
    expect(host.ok('grub2_default')).toContain(`/vmlinuz-${kernel} ro`);
    // Where /boot is a file system of its own, paths begin there.
    expect(host.ok(`boot_plan r1 /boot/vmlinuz-r1 /boot/initrd-r1 'a=b'`)).toContain('linux /vmlinuz-r1 ro a=b ');
    host.ok(`boot_add r1 /boot/vmlinuz-r1 /boot/initrd-r1 'a=b'`);
    expect(host.read('boot/grub/custom.cfg')).toContain('\n  initrd /initrd-r1\n');
  }
});

test.each([
  [
    'no custom.cfg',
    { 'boot/grub/grub.cfg': GRUB_CFG.replaceAll('/custom.cfg', '/other.cfg') },
    'does not read custom.cfg',
  ],
  ['no grubenv', { 'boot/grub/grub.cfg': GRUB_CFG.replaceAll('load_env', 'true') }, 'does not read grubenv'],
  [
    'a block of another size',
    { 'boot/grub/grubenv': '# GRUB Environment Block\n' },
    'no environment block of 1024 bytes',
  ],
  [
    'no entry',
    { 'boot/grub/grub.cfg': GRUB_CFG.replace(/menuentry [^]*?\n}\n/, '').replace(/submenu [^]*?\n}\n/, '') },
    'starts no Linux',
  ],
  ['a full block', { 'boot/grub/grubenv': block(`x=${'y'.repeat(980)}`) }, 'is full'],
])('refused, with nothing changed: %s', (_, files, words) => {
  const host = debian(undefined, files);
  const before = host.bytes('boot/grub/grubenv');
  const { code, text } = host.run(`boot_plan ${WISH} >/dev/null; boot_try ${RELEASE}`);
  expect(text).toContain(words);
  expect(text).toMatch(/^install: boot: /);
  expect(code).toBe(40);
  expect(host.bytes('boot/grub/grubenv').equals(before)).toBe(true);
  expect(host.exists('boot/grub/custom.cfg')).toBe(false);
});

test('no boot loader that is known is said, and is a state', () => {
  const host = bootHost({ 'boot/efi/EFI/redhat/grub.conf': '' });
  expect(host.ok(`boot_kind; boot_state ${RELEASE}`)).toBe('none\nabsent');
  expect(host.run(`boot_add ${WISH}`)).toMatchObject({ code: 40 });
  expect(host.run(`boot_add 'a b' /x - ''`)).toMatchObject({ code: 40 });
});

test('without an initramfs root= becomes something that a kernel finds by itself; on LVM and RAID that is refused', () => {
  const host = bootHost({
    'proc/self/mountinfo': '21 1 8:2 / / rw - ext4 /dev/sda2 rw\n22 21 8:1 / /boot rw - ext4 /dev/sda1 rw\n',
    'sys/dev/block/8:2/uevent': 'DEVNAME=sda2\nPARTUUID=1234-02\n',
    'sys/dev/block/8:1/uevent': 'DEVNAME=sda1\n',
    'lvm/dev/block/8:2/uevent': 'DEVNAME=dm-0\n',
    'lvm/dev/block/8:2/dm/name': 'vg-root\n',
    'lvm/dev/block/8:1/md/level': 'raid1\n',
    'lvm/dev/block/8:1/uevent': 'DEVNAME=md0\n',
  });
  const at = `sys=$root/sys proc=$root/proc; root=''`;
  expect(host.ok(`${at}; boot_root 'ro root=UUID=ab quiet'`)).toBe('ro root=PARTUUID=1234-02 quiet');
  expect(host.ok(`${at}; boot_root 'root=/dev/sda2 ro'`)).toBe('root=/dev/sda2 ro');
  expect(
    host.ok(
      `${at}; rm "$sys/dev/block/8:2/uevent"; echo DEVNAME=nosuch >"$sys/dev/block/8:2/uevent"; boot_root 'root=LABEL=x'`,
    ),
  ).toBe('root=/dev/nosuch');
  const lvm = host.run(`${at}; sys=${host.root}/lvm; boot_root 'root=/dev/mapper/vg-root'`);
  expect(lvm).toMatchObject({ code: 40, text: expect.stringContaining('dm-0 (LVM, RAID or encrypted)') as string });
  // /boot on a RAID: GRUB 2 cannot write there.
  expect(host.ok(`${at}; grub2_dir() { echo /boot/grub; }; grub2_writable; echo good`)).toBe('good');
  const asked = debian().ok(`grub2_writable() { echo asked; }; boot_plan ${WISH}`);
  expect(asked.split('\n')[0]).toBe('asked');
  const raid = host.run(`${at}; sys=${host.root}/lvm; grub2_dir() { echo /boot/grub; }; grub2_writable`);
  expect(raid).toMatchObject({ code: 40, text: expect.stringContaining('/boot/grub lies on md0') as string });
});
