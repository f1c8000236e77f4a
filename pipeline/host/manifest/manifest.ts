import type { Sha256 } from '../../plan/artifact.ts';
import type { Host, HostCheck } from '../../plan/host.ts';
import type { InstallCheck } from '../../plan/params.ts';
import { commandOf, ownChecks } from './checks.ts';
import { type InstallManifest, manifestSchema } from './schema.ts';

/** A file of the snapshot: its path below it, digest and size in bytes. */
interface ManifestFile {
  readonly file: string;
  readonly sha256: Sha256;
  readonly size: number;
}

/** A signed package, as rpm reads it. */
export interface ManifestPackage extends ManifestFile {
  readonly name: string;
  /** Without the epoch. */
  readonly nevra: string;
  /** 0 where the package has none. */
  readonly epoch: number;
  /** Fingerprint of the key that signed it, 40 capitals. */
  readonly key: string;
}

/** Everything that a manifest is made of. */
export interface ManifestParts {
  readonly recipe: string;
  readonly role: string;
  readonly host: Host;
  /** The role's checks on a clean machine. */
  readonly checks: readonly InstallCheck[];
  /** Id of the pair; null where the recipe names none. */
  readonly pair: string | null;
  /** The kernel's, what `uname -r` says. */
  readonly release: string;
  readonly arch: string;
  /** In the order of the recipe. */
  readonly packages: readonly ManifestPackage[];
  readonly devices: ManifestFile;
  /** The host's files, in the order of the recipe. */
  readonly files: readonly ManifestFile[];
}

/**
 * The manifest of a role. The same parts are the same manifest: no time, no snapshot, nothing that is renewed (those are the
 * pointer's). Throws a ZodError where a part breaks the format.
 */
export function installManifest({ host, ...parts }: ManifestParts): InstallManifest {
  const { release } = parts;
  const fill = ({ id, command, expected }: HostCheck): HostCheck => ({
    id,
    command: command.replaceAll('{release}', release),
    expected: expected.replaceAll('{release}', release),
  });
  const words = host.kernel.arguments.map(({ argument }) => argument);
  return manifestSchema.parse({
    schema: 1,
    role: parts.role,
    recipe: parts.recipe,
    pair: parts.pair,
    platform: { arch: parts.arch, ...host.platform },
    kernel: {
      release,
      image: `/boot/vmlinuz-${release}`,
      initramfs: host.kernel.initramfs ? `/boot/initramfs-${release}.img` : null,
      arguments: words,
      devices: parts.devices,
    },
    packages: parts.packages.map(({ name, nevra, epoch, file, sha256, size, key }) => {
      const how = host.packages[name] ?? (name === 'kernel' ? 'beside' : 'exact');
      return { name, nevra, epoch, file, sha256, size, key, how };
    }),
    remove: host.remove,
    modules: host.modules,
    sysctl: host.sysctl,
    offloads: host.offloads,
    services: host.services,
    settings: host.settings,
    files: host.files.map(({ path, mode, reason }, index) => {
      const file = parts.files[index];
      if (file === undefined) throw new Error(`there is no file for ${path}`);
      return { path, mode, sha256: file.sha256, size: file.size, source: file.file, reason };
    }),
    checks: {
      before: parts.checks.map((check) => fill(commandOf(check))),
      after: [...ownChecks(release, words, host.modules), ...host.after.map(fill)],
    },
  });
}

/** The one form in which a manifest is written: two spaces, one line end, keys in the order of the schema. */
export function manifestBytes(manifest: InstallManifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`);
}
