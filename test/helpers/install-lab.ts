import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builderImage } from '../docker/step-rig.ts';
import { EL6_ROOT, type HostRun, installHost, type InstallHost, targetImage } from './install-host.ts';
import { installPackages, type InstallPackages } from './install-packages.ts';
import { el6Manifest, type InstallTree, writeInstallTree } from './install-tree.ts';
import { signingKey, type SigningKey } from './signing-key.ts';

/** A host in a container, and a published recipe that it can see in /srv/pub. */
export interface InstallLab extends AsyncDisposable {
  readonly host: InstallHost;
  readonly packages: InstallPackages;
  readonly key: SigningKey;
  /** Publishes recipe el6 anew at /srv/pub/el6; answers the snapshot's id. */
  publish(change?: Partial<InstallTree>): Promise<string>;
  /** The published tree on this side, to be damaged; `copy` brings it over. */
  readonly tree: string;
  copy(): Promise<void>;
  /** install.sh by a shell: its command and options. */
  install(args: string, shell?: string): Promise<HostRun>;
  /** Options that name key and role; BASE comes after them. */
  readonly trust: string;
}

/** Makes one. Its root at /srv/host is that of CentOS 6; /srv/host.orig is a copy. */
export async function installLab(): Promise<InstallLab> {
  const dir = await mkdtemp(join(tmpdir(), 'install-lab-'));
  const packages = await installPackages(await builderImage(), dir);
  const host = await installHost(await targetImage());
  const key = signingKey();
  await host.put(dir, '/srv/packages');
  const made = await host.run(EL6_ROOT);
  if (made.code !== 0) throw new Error(made.output);
  const tree = join(dir, 'pub/el6');
  // As with a real publisher no two pointers have the same serial, also when both are made within a second.
  let serial = 0;
  const lab: InstallLab = {
    ...{ host, packages, key, tree },
    trust: `--role director --fingerprint ${key.fingerprint} --fingerprint ${packages.fingerprint}`,
    async publish(change = {}) {
      const manifests = { director: el6Manifest(packages) };
      serial = Math.max(serial + 1, Math.floor(Date.now() / 1000));
      const pointer = { serial, ...change.pointer };
      const id = writeInstallTree({ packages, key, recipe: 'el6', manifests, ...change, pointer }, tree);
      await lab.copy();
      return id;
    },
    async copy() {
      await host.run('rm -rf /srv/pub');
      await host.put(join(dir, 'pub'), '/srv/pub');
    },
    install: (args, shell = 'sh') => host.run(`${shell} /srv/install.sh ${args}`),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return lab;
}

/** What differs between two trees, a few lines of it. */
export function treeDiff(before: string, after: string): readonly string[] {
  const [one, two] = [before.split('\n'), after.split('\n')];
  const [inOne, inTwo] = [new Set(one), new Set(two)];
  return [
    ...one.filter((line) => !inTwo.has(line)).map((line) => `- ${line}`),
    ...two.filter((line) => !inOne.has(line)).map((line) => `+ ${line}`),
  ].slice(0, 20);
}
