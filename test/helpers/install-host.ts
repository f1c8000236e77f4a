import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostScript } from './host-script.ts';
import { expectCode, workplace } from './run-factory.ts';

/** How a command in the container ended; both streams in one. */
export interface HostRun {
  readonly code: number;
  readonly output: string;
}

/** A container of the target image, in which install.sh works on the container itself or on a root below /srv/host. */
export interface InstallHost extends AsyncDisposable {
  /** A shell script; never rejects for an exit code. */
  run(script: string): Promise<HostRun>;
  /** Copies a file or directory into it. */
  put(from: string, to: string): Promise<void>;
  /** One line per file of a root: type, mode, owner, times and contents; without rpm's database, caches, logs. */
  tree(root: string): Promise<string>;
}

const KEPT_OUT = [
  'proc',
  'sys',
  'dev',
  'tmp',
  'run',
  'srv',
  'kill',
  'root',
  'var/lib/rpm',
  'var/lib/dnf',
  'var/cache',
  'var/log',
];

/** Starts one with the script at /install.sh. */
export async function installHost(image: string): Promise<InstallHost> {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', args, { maxBuffer: 64 * 1024 ** 2 })).stdout;
  const options = ['--rm', '--detach', '--init', '--network', 'none', '--user', '0'];
  const id = (await docker('run', ...options, image, 'sleep', '3600')).trim();
  const host: InstallHost = {
    async run(script) {
      try {
        return { code: 0, output: await docker('exec', '--user', '0', id, '/bin/bash', '-c', `exec 2>&1; ${script}`) };
      } catch (error) {
        const { code, stdout } = error as { code?: unknown; stdout?: string };
        if (typeof code !== 'number') throw error;
        return { code, output: stdout ?? '' };
      }
    },
    async put(from, to) {
      await docker('cp', from, `${id}:${to}`);
    },
    async tree(root) {
      const prune = KEPT_OUT.map((path) => `-path './${path}'`).join(' -o ');
      const all = `find . \\( ${prune} \\) -prune -o`;
      const listed = await host.run(
        `cd '${root === '' ? '/' : root}' && { ${all} -type d -printf '%p d %m %U %G\\n' -o -type l -printf '%p l %l\\n' -o -type f -printf '%p f %m %U %G %T@\\n'; ${all} -type f -print0 | xargs -0 -r sha256sum; } | sort`,
      );
      if (listed.code !== 0) throw new Error(listed.output);
      return listed.output;
    },
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', id);
    },
  };
  const dir = await mkdtemp(join(tmpdir(), 'install-host-'));
  await writeFile(join(dir, 'install.sh'), hostScript('install.sh'));
  await host.put(join(dir, 'install.sh'), '/srv/install.sh');
  await rm(dir, { recursive: true });
  return host;
}

/** The engine's id of the image that hosts of recipe lts are played with; made when it is not there. */
export async function targetImage(): Promise<string> {
  await using place = await workplace();
  const built = await place.run(['build', '--only', 'builder-image:debian-target', '--json']);
  expectCode(built, 0);
  const image = built.events
    .flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []))
    .find(({ kind, name }) => kind === 'image' && name === 'debian-target');
  if (image?.engineId === undefined) throw new Error('no target image in the records');
  return image.engineId;
}

/** Shell code that makes /srv/host a root in the shape of CentOS 6, with the packages of a host at /srv/packages/host installed. */
export const EL6_ROOT = `set -e
rm -rf /srv/host
mkdir -p /srv/host/{boot/grub,etc/{rc.d/{init.d,rc{0,1,2,3,4,5,6}.d},sysconfig,yum.repos.d,pki},var/{lib/rpm,log,cache},usr/{sbin,bin,lib64},sbin,lib,tmp,lib/modules}
cd /srv/host
echo 'CentOS release 6.10 (Final)' >etc/redhat-release
printf 'UPDATEDEFAULT=yes\\nDEFAULTKERNEL=kernel\\n' >etc/sysconfig/kernel
printf '#!/bin/sh\\ntouch /var/lock/subsys/local\\n' >etc/rc.d/rc.local
chmod 755 etc/rc.d/rc.local
printf 'net.ipv4.ip_forward = 0' >etc/sysctl.conf
printf '#!/bin/sh\\n# chkconfig: 345 13 87\\n' >etc/rc.d/init.d/irqbalance
for l in 3 4 5; do ln -s ../init.d/irqbalance etc/rc.d/rc$l.d/S13irqbalance; done
for l in 0 1 2 6; do ln -s ../init.d/irqbalance etc/rc.d/rc$l.d/K87irqbalance; done
printf '%s\\n' 'default=0' 'timeout=5' 'title CentOS (2.6.32-71.el6.x86_64)' '	root (hd0,0)' '	kernel /vmlinuz-2.6.32-71.el6.x86_64 ro root=/dev/sda1 quiet' >boot/grub/grub.conf
chmod 600 boot/grub/grub.conf
ln -s ./grub.conf boot/grub/menu.lst
ln -s ../boot/grub/grub.conf etc/grub.conf
python3 -c "b = bytearray(4096); b[518:520] = bytes([3, 2]); b[600:611] = b'savedefault'; open('boot/grub/stage2', 'wb').write(b)"
cp /srv/packages/distribution.asc etc/pki/distribution
printf '[base]\\nname=base\\nbaseurl=file:///srv/packages/host\\nenabled=1\\ngpgcheck=1\\ngpgkey=file:///srv/host/etc/pki/distribution\\n' >etc/yum.repos.d/base.repo
rpm --root /srv/host --initdb
rpm --root /srv/host --import /srv/packages/distribution.asc
rpm --root /srv/host -i --noscripts /srv/packages/host/{kernel,keepalived,gcc}-[0-9]*.rpm /srv/packages/host/kernel-firmware-*.rpm
echo '# mine' >>etc/keepalived/keepalived.conf
touch -d '2020-01-01 10:00' etc/sysconfig/kernel boot/grub/grub.conf etc/keepalived/keepalived.conf etc/rc.d/rc.local
rm -rf /srv/host.orig
cp -a /srv/host /srv/host.orig
`;
