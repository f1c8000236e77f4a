import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pointer } from '../../pipeline/plan/pointer.ts';
import { hostScript } from './host-script.ts';
import type { InstallPackages } from './install-packages.ts';
import { signedPointer } from './signed-pointer.ts';
import type { SigningKey } from './signing-key.ts';
import { sha256, tinyId } from './tiny-snapshot.ts';

/** An install manifest as JSON; the contract is docs/manifest.md. */
export type Manifest = Record<string, unknown>;

/** What a published recipe for hosts is made of. */
export interface InstallTree {
  readonly packages: InstallPackages;
  /** Signs pointer, sums and manifests; packages have a key of their own. */
  readonly key: SigningKey;
  readonly recipe: string;
  /** Of the manifests, by role. */
  readonly manifests: Readonly<Record<string, Manifest>>;
  /** Seconds after the beginning of 2026, for the snapshot's name. */
  readonly seconds?: number;
  readonly folder?: 'ours' | 'forged' | 'unsigned';
  readonly pointer?: Partial<Pointer> & { readonly now?: Date };
  /** Signs the manifests instead of `key`. */
  readonly manifestKey?: SigningKey;
}

const RELEASE = '2.6.32-220.23.1.el6.ipvs_20bit.x86_64';
const DEVICES = `devices 1 ${RELEASE}\nmodule ext4 builtin\n`;
const FIXTURE_CONF = '# of the recipe\n';

/** A manifest for a director on CentOS 6 in all its parts; `change` replaces members. */
export function el6Manifest(packages: InstallPackages, change: Manifest = {}): Manifest {
  const rpm = (name: string, nevra: string, how: string): Manifest => {
    const bytes = packages.files('ours').get(`${nevra}.rpm`) ?? Buffer.alloc(0);
    return {
      ...{ name, nevra, epoch: 0, file: `RPMS/${nevra}.rpm`, sha256: sha256(bytes), size: bytes.length },
      ...{ key: packages.fingerprint, how },
    };
  };
  return {
    ...{ schema: 1, role: 'director', recipe: 'el6', pair: 'pair-one' },
    platform: { arch: 'x86_64', distributions: [{ id: 'centos', versions: ['6'] }], bootMiB: 1 },
    kernel: {
      ...{ release: RELEASE, image: `/boot/vmlinuz-${RELEASE}`, initramfs: null, arguments: ['nohz=off'] },
      devices: { file: 'install/director.devices', sha256: sha256(DEVICES), size: DEVICES.length },
    },
    packages: [
      rpm('kernel', `kernel-${RELEASE}`, 'beside'),
      rpm('kernel-firmware', 'kernel-firmware-2.6.32-220.23.1.el6.x86_64', 'at-least'),
      rpm('keepalived', 'keepalived-1.2.2-1.fn.x86_64', 'exact'),
      rpm('ipvsadm', 'ipvsadm-1.26-1.fn.x86_64', 'exact'),
    ],
    remove: [{ name: 'gcc', reason: 'no compiler on a director' }],
    modules: [{ name: 'toa', reason: 'client addresses' }],
    sysctl: [{ key: 'net.fixture.knob', value: '1', reason: 'a "quoted" reason' }],
    offloads: [{ feature: 'gro', value: 'off', reason: 'merged frames exceed the MTU' }],
    services: [
      { name: 'irqbalance', state: 'off', reason: 'queues are pinned' },
      { name: 'nowhere', state: 'off', reason: 'not on this host' },
    ],
    settings: [
      ...[{ file: '/etc/sysconfig/kernel', key: 'UPDATEDEFAULT', value: 'no', reason: 'yum update', when: 'exists' }],
    ],
    files: [
      {
        ...{ path: '/etc/fixture/deep/fixture.conf', mode: '0640', sha256: sha256(FIXTURE_CONF) },
        ...{ size: FIXTURE_CONF.length, source: 'install/files/fixture.conf', reason: 'a file' },
      },
    ],
    checks: { before: [], after: [{ id: 'kernel-running', command: 'uname -r', expected: RELEASE }] },
    ...change,
  };
}

/** Writes the recipe's published folder, as hosts see it; answers the snapshot's id. */
export function writeInstallTree(tree: InstallTree, dir: string): string {
  rmSync(dir, { recursive: true, force: true });
  const { key, manifestKey = key, packages } = tree;
  const files = new Map<string, Buffer>();
  for (const [name, bytes] of packages.files(tree.folder ?? 'ours')) files.set(`RPMS/${name}`, bytes);
  for (const [role, manifest] of Object.entries(tree.manifests))
    files.set(`install/${role}.json`, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  files.set('install/director.devices', Buffer.from(DEVICES));
  files.set('install/files/fixture.conf', Buffer.from(FIXTURE_CONF));
  files.set('install/install.sh', Buffer.from(hostScript('install.sh')));
  files.set('repodata/repomd.xml', Buffer.from('<repomd/>\n'));
  const sums = Buffer.from([...files].map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`).join(''));
  const id = tinyId(new Map([['SHA256SUMS', sums]]), tree.seconds ?? 1000);
  const place = join(dir, 'snapshots', id);
  for (const path of [...files.keys()].filter((name) => /^(install\/.*\.(json|sh)|repodata\/.*)$/.test(name)))
    files.set(`${path}.asc`, Buffer.from(manifestKey.sign(files.get(path) ?? Buffer.alloc(0))));
  files.set('SHA256SUMS', sums);
  files.set('SHA256SUMS.asc', Buffer.from(key.sign(sums)));
  for (const [path, bytes] of files) put(join(place, path), bytes);
  put(join(dir, 'pointer.asc'), signedPointer(key, { recipe: tree.recipe, snapshot: id }, tree.pointer));
  put(join(dir, 'mirrorlist'), `http://factory.invalid/${tree.recipe}/snapshots/${id}/\n`);
  put(join(dir, 'RPM-GPG-KEY-factory'), key.publicKey + packages.key);
  return id;
}

function put(path: string, bytes: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
