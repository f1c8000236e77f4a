import type { ArtifactKind } from './artifact.ts';
import type { FileRef } from './params.ts';
import type { Handle, StageName, StepOf, Stages } from './step.ts';

/** Which artifacts each stage makes, by the name that a plan uses for them. */
interface Outputs {
  'fetch-http': { source: 'source'; origin: 'origin' };
  'verify-srpm': { source: 'source'; evidence: 'evidence' };
  'fetch-file': { source: 'source' };
  'fetch-apt': { source: 'source'; info: 'source-info' };
  'extract-member': { source: 'source' };
  'base-image': { image: 'image' };
  'builder-image': { image: 'image' };
  'given-image': { image: 'image' };
  'repack-tree': { source: 'source' };
  'cross-check': { evidence: 'evidence' };
  'assemble-srpm': { srpm: 'srpm' };
  'rebuild-srpm': { rpms: 'rpm' };
  'signing-key': { key: 'public-key' };
  sign: { rpms: 'signed-rpm'; srpm: 'signed-srpm' };
  'verify-pair': { pair: 'pair' };
  'install-manifest': { manifest: 'install-manifest'; devices: 'devices'; files: 'host-file' };
  snapshot: { snapshot: 'snapshot' };
  'verify-install': { evidence: 'evidence'; rootfs: 'rootfs' };
  'verify-boot': { evidence: 'evidence' };
  publish: { pointer: 'pointer' };
}

const OUTPUTS: { readonly [S in StageName]: Outputs[S] } = {
  'fetch-http': { source: 'source', origin: 'origin' },
  'verify-srpm': { source: 'source', evidence: 'evidence' },
  'fetch-file': { source: 'source' },
  'fetch-apt': { source: 'source', info: 'source-info' },
  'extract-member': { source: 'source' },
  'base-image': { image: 'image' },
  'builder-image': { image: 'image' },
  'given-image': { image: 'image' },
  'repack-tree': { source: 'source' },
  'cross-check': { evidence: 'evidence' },
  'assemble-srpm': { srpm: 'srpm' },
  'rebuild-srpm': { rpms: 'rpm' },
  'signing-key': { key: 'public-key' },
  sign: { rpms: 'signed-rpm', srpm: 'signed-srpm' },
  'verify-pair': { pair: 'pair' },
  'install-manifest': { manifest: 'install-manifest', devices: 'devices', files: 'host-file' },
  snapshot: { snapshot: 'snapshot' },
  'verify-install': { evidence: 'evidence', rootfs: 'rootfs' },
  'verify-boot': { evidence: 'evidence' },
  publish: { pointer: 'pointer' },
};

/** Handles to what a step makes: of the right kinds, so that wrong wiring does not compile. */
export type Made<S extends StageName> = {
  readonly [Name in keyof Outputs[S]]: Outputs[S][Name] extends ArtifactKind ? Handle<Outputs[S][Name]> : never;
};

/** What judges an untrusted archive before it is unpacked. */
export const ARCHIVE = ['lib-archive.sh', 'check-archive.pl', 'check-tar.pl', 'check-cpio.pl'];

/** The scripts that run in the containers of a stage, beside entry.sh and lib.sh. */
const SCRIPTS: Partial<Record<StageName, readonly string[]>> = {
  'fetch-apt': ['fetch-apt.sh'],
  'extract-member': ['extract-member.sh', ...ARCHIVE],
  'verify-srpm': ['verify-srpm.sh'],
  'repack-tree': ['repack-tree.sh', 'lib-tree.sh', ...ARCHIVE],
  'cross-check': ['cross-check.sh', 'lib-tree.sh', ...ARCHIVE, 'lib-patch.sh'],
  'assemble-srpm': ['assemble-srpm.sh'],
  'rebuild-srpm': ['rebuild-srpm.sh', 'lib-patch.sh'],
  'signing-key': ['make-key.sh', 'check-key.sh', 'lib-key.sh'],
  sign: ['sign-rpms.sh', 'lib-key.sh'],
  'verify-pair': ['verify-pair.sh', 'lib-pair.sh', 'lib-pair-headers.sh'],
  'install-manifest': ['make-manifest.sh'],
  snapshot: ['make-repository.sh', 'sign-file.sh', 'lib-key.sh'],
  'verify-install': ['verify-install.sh', 'verify-install-rootfs.sh'],
  'verify-boot': [
    'verify-boot.sh',
    'verify-boot-init.sh',
    'verify_boot.py',
    'verify_boot_archive.py',
    'verify_boot_capture.py',
    'verify_boot_checks.py',
    'verify_boot_client.py',
    'verify_boot_guest.py',
    'verify_boot_lab.py',
    'verify_boot_machines.py',
    'verify_boot_phases.py',
    'verify_boot_setup.py',
    'verify_boot_stress.py',
    'verify_boot_traffic.py',
  ],
  publish: ['sign-pointer.sh', 'lib-key.sh'],
};

/** References to exactly the scripts that a stage runs. A script that is not there is a mistake in our own tree. */
export function scriptsOf(
  stage: keyof typeof SCRIPTS,
  scripts: ReadonlyMap<string, FileRef>,
  more: readonly string[] = [],
): FileRef[] {
  return ['entry.sh', 'lib.sh', ...(SCRIPTS[stage] ?? []), ...more].map((name) => scriptNamed(name, scripts));
}

/** The reference to one script. One that is not there is a mistake in our own tree. */
export function scriptNamed(name: string, scripts: ReadonlyMap<string, FileRef>): FileRef {
  const ref = scripts.get(name);
  if (ref === undefined) throw new Error(`there is no step script ${name}`);
  return ref;
}

/** A step and the handles to what it makes. */
export interface Planned<S extends StageName> {
  readonly step: StepOf<S>;
  readonly made: Made<S>;
}

/** Makes one step. Its id is `<stage>:<of>`, or the stage alone when a plan has one such step. */
export function plannedStep<S extends StageName>(
  stage: S,
  of: string | null,
  title: string,
  params: Stages[S]['params'],
  inputs: Stages[S]['inputs'],
  hints: Stages[S]['hints'],
): Planned<S> {
  const id = of === null ? stage : `${stage}:${of}`;
  const handles = Object.entries(OUTPUTS[stage]).map(([name, kind]) => [name, { step: id, kind }] as const);
  return { step: { id, stage, title, params, inputs, hints }, made: Object.fromEntries(handles) as Made<S> };
}

/** Only the RPM of that name out of those that a step makes. */
export function rpmNamed<K extends 'rpm' | 'signed-rpm'>(rpms: Handle<K>, rpmName: string): Handle<K> {
  return { ...rpms, rpmName };
}
