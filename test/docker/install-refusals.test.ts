import { appendFileSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { textTable } from '../../pipeline/report/text-table.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { installLab, type InstallLab, treeDiff } from '../helpers/install-lab.ts';
import { el6Manifest, type InstallTree, type Manifest } from '../helpers/install-tree.ts';
import { signedPointer } from '../helpers/signed-pointer.ts';
import { signingKey } from '../helpers/signing-key.ts';

/** What install.sh refuses, before it changes anything: its exit code, its one line, and a root that stays as it was. */
let lab: InstallLab;
let [before, id] = ['', ''];
const rows: string[][] = [];
const ROOT = '--root /srv/host';
const other = signingKey('other <other@fullnat-factory.invalid>');

beforeAll(async () => {
  lab = await installLab();
  before = await lab.host.tree('/srv/host');
});
// Whatever one of them did to the host is no matter to the next.
beforeEach(async () => {
  await lab.host.run('rm -rf /srv/host; cp -a /srv/host.orig /srv/host');
});
afterAll(async () => {
  process.stdout.write(`${textTable(['what', 'exit', 'says'], rows, { width: 180 }).join('\n')}\n`);
  await lab[Symbol.asyncDispose]();
});

interface Refusal {
  readonly name: string;
  /** Exit code and kind, as the usage of install.sh lists them. */
  readonly code: number;
  readonly kind: string;
  readonly says: string;
  /** The manifest's members that are other than usual. */
  readonly manifest?: (usual: Manifest) => Manifest;
  readonly tree?: Partial<InstallTree>;
  /** Damages what was published. */
  readonly damage?: () => void | Promise<void>;
  /** Shell code on the host before, and after. */
  readonly before?: string;
  readonly after?: string;
  readonly args?: string;
  readonly trust?: string;
}

const inSnapshot = (path: string): string => join(lab.tree, 'snapshots', id, path);
const packageNamed = (name: string): string =>
  inSnapshot(`RPMS/${readdirSync(inSnapshot('RPMS')).find((file) => file.startsWith(name)) ?? ''}`);
const edit = (path: string, from: string, to: string): void =>
  writeFileSync(path, readFileSync(path, 'latin1').replace(from, to), 'latin1');
const packagesOf = (usual: Manifest): Manifest[] => usual.packages as Manifest[];

const HOSTS: readonly Refusal[] = [
  {
    ...{ name: 'architecture', code: 30, kind: 'platform', says: 'the packages are for aarch64' },
    before: 'mkdir -p /srv/host/bin; cp /bin/dash /srv/host/bin/sh',
    manifest: (usual) => ({ ...usual, platform: { ...(usual.platform as Manifest), arch: 'aarch64' } }),
  },
  {
    ...{ name: 'release', code: 30, kind: 'platform', says: 'this host is centos 7' },
    before: "echo 'CentOS Linux release 7.9 (Core)' >/srv/host/etc/redhat-release",
  },
  {
    ...{ name: '/boot full', code: 31, kind: 'space', says: '99999999 are needed' },
    manifest: (usual) => ({ ...usual, platform: { ...(usual.platform as Manifest), bootMiB: 99_999_999 } }),
  },
  {
    ...{ name: 'fleet', code: 32, kind: 'pair', says: 'this director is of pair pair-one' },
    before: "printf 'pair pair-two\\n' >/srv/fleet",
    args: '--fleet /srv/fleet',
  },
  {
    ...{ name: 'fleet, no pair', code: 32, kind: 'pair', says: 'this director is of pair none' },
    before: "printf 'pair pair-one\\n' >/srv/fleet",
    args: '--fleet /srv/fleet',
    manifest: (usual) => ({ ...usual, pair: null }),
  },
  {
    ...{ name: 'role missing', code: 34, kind: 'manifest', says: 'has no manifest for a backend' },
    args: '--role backend',
  },
  {
    ...{ name: 'other role', code: 34, kind: 'manifest', says: 'is that of role backend' },
    manifest: (usual) => ({ ...usual, role: 'backend' }),
  },
  {
    ...{ name: 'other recipe', code: 34, kind: 'manifest', says: 'is that of recipe lts' },
    manifest: (usual) => ({ ...usual, recipe: 'lts' }),
  },
  {
    ...{ name: 'schema', code: 34, kind: 'manifest', says: 'install/director.json is 9' },
    manifest: (usual) => ({ ...usual, schema: 9 }),
  },
  {
    ...{ name: 'path in manifest', code: 34, kind: 'manifest', says: 'no path of a package' },
    manifest: (usual) => ({ ...usual, packages: [{ ...packagesOf(usual)[0], file: '../../etc/shadow' }] }),
  },
  {
    ...{ name: 'not root', code: 37, kind: 'root', says: 'has to be started by root' },
    args: 'as-nobody',
  },
  {
    ...{ name: 'another one runs', code: 38, kind: 'busy', says: 'is running here as process' },
    before:
      'sleep 60 & mkdir -p /srv/host/var/lib/fullnat-factory/install.lock; p=$!; echo "$p $(sed "s/.*) //" /proc/$p/stat | cut -d " " -f 20)" >/srv/host/var/lib/fullnat-factory/install.lock/holder',
    after: 'kill $(cut -d " " -f 1 /srv/host/var/lib/fullnat-factory/install.lock/holder)',
  },
  {
    ...{ name: 'state damaged', code: 39, kind: 'damaged', says: 'is not as this script left it' },
    before: 'mkdir -p /srv/host/var/lib/fullnat-factory/install',
  },
  {
    ...{ name: 'journal damaged', code: 39, kind: 'damaged', says: 'line 2' },
    before:
      "d=/srv/host/var/lib/fullnat-factory/install; mkdir -p $d; cd $d; mkdir kept put rpms; echo 1 >version; touch packages-before made-dirs config-paths; printf '1 begin a b c 1;\\n7 oops;\\n' >$d/journal",
  },
  {
    ...{ name: 'no boot loader', code: 40, kind: 'boot', says: 'no boot loader' },
    before: 'rm /srv/host/boot/grub/grub.conf',
  },
  {
    ...{ name: 'package: another one', code: 35, kind: 'package', says: 'is not keepalived-9' },
    manifest: (usual) => ({ ...usual, packages: [{ ...packagesOf(usual)[2], nevra: 'keepalived-9-1.x86_64' }] }),
  },
  { ...{ name: 'no such command', code: 64, kind: '', says: 'usage: install.sh COMMAND' }, args: '--no-such' },
  {
    ...{ name: 'no key', code: 64, kind: 'usage', says: 'whom is this host to believe' },
    trust: '--role director',
  },
  {
    ...{ name: 'program missing', code: 69, kind: 'missing', says: 'this host has no gpg' },
    before: 'mv /usr/bin/gpg /usr/bin/gpg.away',
    after: 'mv /usr/bin/gpg.away /usr/bin/gpg',
  },
];

const TAMPERING: readonly Refusal[] = [
  {
    ...{ name: 'pointer: changed', code: 10, kind: 'signature', says: 'not in these words' },
    damage: () => {
      edit(join(lab.tree, 'pointer.asc'), '"schema": 2', '"schema": 3');
    },
  },
  {
    ...{ name: 'pointer: by another key', code: 10, kind: 'signature', says: 'not signed by a key' },
    damage: () => {
      writeFileSync(join(lab.tree, 'pointer.asc'), signedPointer(other, { recipe: 'el6', snapshot: id }));
    },
  },
  {
    ...{ name: 'pointer: not signed', code: 10, kind: 'signature', says: 'is not signed' },
    damage: () => {
      writeFileSync(join(lab.tree, 'pointer.asc'), '{}\n');
    },
  },
  {
    ...{ name: 'pointer: of another recipe', code: 11, kind: 'recipe', says: 'not of el6' },
    damage: () => {
      writeFileSync(join(lab.tree, 'pointer.asc'), signedPointer(lab.key, { recipe: 'lts', snapshot: id }));
    },
  },
  {
    ...{ name: 'pointer: expired', code: 12, kind: 'expired', says: '--accept-expired' },
    tree: { pointer: { now: new Date(Date.now() - 90 * 86_400_000) } },
  },
  {
    ...{ name: 'pointer: replayed', code: 13, kind: 'older', says: 'the mirror went back' },
    before:
      "mkdir -p /srv/host/var/lib/fullnat-factory; echo '9999999999 20270101T000000Z-000000000000 2027-01-01T00:00:00Z' >/srv/host/var/lib/fullnat-factory/el6.seen",
  },
  {
    ...{ name: 'mirror list', code: 14, kind: 'mirrorlist', says: 'but the signed pointer names' },
    damage: () => {
      edit(join(lab.tree, 'mirrorlist'), id, '20260101T000000Z-000000000000');
    },
  },
  {
    ...{ name: 'sums: one byte', code: 15, kind: 'snapshot', says: 'SHA256SUMS is not that of' },
    damage: () => flipByte(inSnapshot('SHA256SUMS')),
  },
  {
    ...{ name: 'sums: by another key', code: 15, kind: 'snapshot', says: 'SHA256SUMS was not signed' },
    damage: () => {
      writeFileSync(inSnapshot('SHA256SUMS.asc'), other.sign(readFileSync(inSnapshot('SHA256SUMS'))));
    },
  },
  {
    ...{ name: 'pointer: in the future', code: 16, kind: 'clock', says: 'nothing ever expires' },
    tree: { pointer: { now: new Date(Date.now() + 3 * 86_400_000) } },
  },
  {
    ...{ name: 'manifest: one byte', code: 15, kind: 'snapshot', says: 'install/director.json has other bytes' },
    damage: () => {
      edit(inSnapshot('install/director.json'), 'nohz=off', 'nohz=onn');
    },
  },
  {
    ...{ name: 'manifest: by another key', code: 15, kind: 'snapshot', says: 'install/director.json.asc was not made' },
    tree: { manifestKey: other },
  },
  {
    ...{ name: 'package: one byte', code: 35, kind: 'package', says: 'has other bytes than its manifest says' },
    damage: () => flipByte(packageNamed('keepalived')),
  },
  {
    ...{ name: 'package: longer', code: 35, kind: 'package', says: 'bytes, and its manifest says' },
    damage: () => {
      appendFileSync(packageNamed('keepalived'), 'x');
    },
  },
  {
    ...{ name: 'package: gone', code: 20, kind: 'unreachable', says: 'cannot be read' },
    damage: () => {
      rmSync(packageNamed('keepalived'));
    },
  },
  {
    ...{ name: 'key: not the fingerprint', code: 36, kind: 'key', says: 'ask whoever runs the factory' },
    trust: `--role director --fingerprint ${'0'.repeat(40)}`,
  },
  {
    ...{ name: 'key: no key', code: 36, kind: 'key', says: 'is no public key' },
    damage: () => {
      copyFileSync(join(lab.tree, 'mirrorlist'), join(lab.tree, 'RPM-GPG-KEY-factory'));
    },
  },
];

async function expectRefused(one: Refusal): Promise<void> {
  const usual = el6Manifest(lab.packages);
  id = await lab.publish({ manifests: { director: one.manifest?.(usual) ?? usual }, ...one.tree });
  await one.damage?.();
  if (one.damage !== undefined) await lab.copy();
  if (one.before !== undefined) await lab.host.run(`{ ${one.before}; } >/dev/null 2>&1`);
  const there = await lab.host.tree('/srv/host');
  const args = `apply ${ROOT} ${one.trust ?? lab.trust} ${one.args === 'as-nobody' ? '' : (one.args ?? '')} /srv/pub/el6`;
  const run =
    one.args === 'as-nobody'
      ? await lab.host.run(`chmod -R a+rX /srv/pub; setpriv --reuid 65534 --clear-groups sh /srv/install.sh ${args}`)
      : await lab.install(args);
  const after = await lab.host.tree('/srv/host');
  if (one.after !== undefined) await lab.host.run(one.after);
  rows.push([
    one.name,
    `${run.code}`,
    run.output
      .trim()
      .split('\n')
      .at(one.code === 64 ? 0 : -1) ?? '',
  ]);
  expect(run.code, run.output).toBe(one.code);
  expect(run.output).toContain(one.says);
  if (one.kind !== '') expect(run.output).toMatch(new RegExp(`^install: ${one.kind}: `, 'm'));
  expect(treeDiff(there, after)).toEqual([]);
}

test.each(HOSTS)('refused, and nothing changed: $name', expectRefused);
test.each(TAMPERING)('tampered with, and nothing changed: $name', expectRefused);

test.each([
  ['signed by another key', 'forged', 'is damaged, or not signed by'],
  ['not signed at all', 'unsigned', 'is not signed by'],
] as const)('package %s, though sums and manifest agree: refused', async (name, folder, says) => {
  const { packages } = lab;
  const files = packages.files(folder);
  const forged = el6Manifest({ ...packages, files: () => files });
  await lab.publish({ folder, manifests: { director: forged } });
  const run = await lab.install(`apply ${ROOT} ${lab.trust} /srv/pub/el6`);
  rows.push([`package: ${name}`, `${run.code}`, run.output.trim()]);
  expect(run.code, run.output).toBe(35);
  expect(run.output).toContain(says);
});

test('a requirement that nobody has: refused, and rollback leaves nothing', async () => {
  const [, firmware, keepalived] = packagesOf(el6Manifest(lab.packages));
  const file = 'needy-1-1.fn.x86_64.rpm';
  const needy = el6Manifest({
    ...lab.packages,
    files: () =>
      new Map([['keepalived-1.2.2-1.fn.x86_64.rpm', lab.packages.files('ours').get(file) ?? Buffer.alloc(0)]]),
  });
  const like = packagesOf(needy)[2];
  const manifest = el6Manifest(lab.packages, {
    packages: [firmware, keepalived, { ...like, name: 'needy', nevra: 'needy-1-1.fn.x86_64', file: `RPMS/${file}` }],
  });
  await lab.publish({ manifests: { director: manifest } });
  const run = await lab.install(`apply ${ROOT} ${lab.trust} /srv/pub/el6`);
  rows.push(['requirement', `${run.code}`, run.output.trim().split('\n').at(-1) ?? '']);
  expect(run.code, run.output).toBe(41);
  expect(run.output).toContain('nobody-has-this');
  expect((await lab.install(`rollback ${ROOT}`)).code).toBe(0);
  expect(treeDiff(before, await lab.host.tree('/srv/host'))).toEqual([]);
});

test('accepted on purpose: an expired pointer, and an older snapshot', async () => {
  id = await lab.publish({ seconds: 5000 });
  const current = id;
  const old = await lab.publish({ seconds: 1000, pointer: { now: new Date(Date.now() - 90 * 86_400_000) } });
  const expired = await lab.install(`apply ${ROOT} ${lab.trust} --accept-expired /srv/pub/el6`);
  expect(expired.code, expired.output).toBe(0);
  expect(expired.output).toContain('accepted: the pointer expired');
  expect(await lab.publish({ seconds: 5000 })).toBe(current);
  expect((await lab.install(`apply ${ROOT}`)).code).toBe(0);
  await lab.publish({ seconds: 1000 });
  const older = await lab.install(`apply ${ROOT}`);
  rows.push(['older snapshot', `${older.code}`, older.output.trim()]);
  expect(older.code, older.output).toBe(33);
  expect(older.output).toContain(`${old} is older than ${current}`);
  expect((await lab.install(`apply ${ROOT} --accept-older`)).code).toBe(0);
  expect((await lab.install(`rollback ${ROOT}`)).code).toBe(0);
  expect(treeDiff(before, await lab.host.tree('/srv/host'))).toEqual([]);
});
