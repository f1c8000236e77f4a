import type { Artifact } from '../plan/artifact.ts';
import type { ManifestPackage } from '../host/manifest/manifest.ts';
import { FactoryError } from '../run/failure.ts';

/** A package as make-manifest.sh read it. */
export interface ReadPackage extends ManifestPackage {
  readonly arch: string;
}

/**
 * packages.tsv of make-manifest.sh, in the order of `rpms`: what rpm read, for exactly the artifacts that went in. Failures:
 * ReceiptMismatch where a file is missing, called other than its contents, or has other bytes.
 */
export function readPackages(tsv: string, rpms: readonly Artifact<'signed-rpm'>[], step: string): ReadPackage[] {
  const lines = tsv.split('\n').filter((line) => line !== '');
  const mismatch = (detail: string): FactoryError => new FactoryError({ kind: 'ReceiptMismatch', step, detail });
  if (lines.length !== rpms.length) throw mismatch(`${lines.length} packages were read, not ${rpms.length}`);
  return rpms.map((rpm) => {
    const fields = lines.map((line) => line.split('\t')).find(([file]) => file === rpm.name);
    if (fields?.length !== 8) throw mismatch(`${rpm.name} was not read`);
    const [, name = '', epoch, nevra = '', arch = '', sha256, size, key = ''] = fields;
    if (`${nevra}.rpm` !== rpm.name) throw mismatch(`${rpm.name} holds ${nevra}`);
    if (sha256 !== rpm.digest || Number(size) !== rpm.size) throw mismatch(`${rpm.name} was read with other bytes`);
    return {
      name,
      nevra,
      epoch: Number(epoch),
      arch,
      file: `RPMS/${rpm.name}`,
      sha256: rpm.digest,
      size: rpm.size,
      key,
    };
  });
}

/**
 * Every module that hosts shall load is one of the kernel, by the `devices` that make-manifest.sh wrote. Failures: ChecksFailed.
 * One that is built in needs no loading, and would never be seen in /proc/modules.
 */
export function requireModules(modules: readonly { readonly name: string }[], devices: string, step: string): void {
  const lines = new Set(devices.split('\n'));
  const checks = modules.flatMap(({ name }) => {
    const known = `module ${name.replaceAll('-', '_')}`;
    if (lines.has(`${known} module`)) return [];
    const got = lines.has(`${known} builtin`)
      ? 'is built in: take it out of the recipe'
      : 'the kernel has no such module';
    return [{ id: `module ${name}`, want: 'a module of the kernel', got }];
  });
  if (checks.length > 0) throw new FactoryError({ kind: 'ChecksFailed', step, checks });
}
