import type { FileRef } from './params.ts';

/** Something and why: every change on a host says its reason. */
interface Reasoned {
  /** One line of ASCII. */
  readonly reason: string;
}

/** A command whose output, without its last line end, must be `expected`. `{release}` is the kernel's, what uname -r says. */
export interface HostCheck {
  readonly id: string;
  readonly command: string;
  readonly expected: string;
}

/**
 * How a package gets in: `beside` other versions of it (kernels), `exact` in place of any other version, `at-least` only where
 * the host has no newer one.
 */
type HowInstalled = 'beside' | 'exact' | 'at-least';

/** What a host of a role becomes: the section `host:` of a role, nothing left open. */
export interface Host {
  readonly platform: {
    /** ID of os-release (or what older releases call themselves in /etc/system-release-cpe) and major versions. */
    readonly distributions: readonly { readonly id: string; readonly versions: readonly string[] }[];
    /** Free space that /boot must have before kernels are installed. */
    readonly bootMiB: number;
  };
  readonly kernel: {
    /** Whether it boots with an initramfs, made on the host. */
    readonly initramfs: boolean;
    /** Added to the kernel's command line. */
    readonly arguments: readonly (Reasoned & { readonly argument: string })[];
  };
  /** By name of the RPM, those that are not installed like the others: `beside` for the kernel, `exact` for the rest. */
  readonly packages: Readonly<Record<string, HowInstalled>>;
  readonly remove: readonly (Reasoned & { readonly name: string })[];
  readonly modules: readonly (Reasoned & { readonly name: string })[];
  readonly sysctl: readonly (Reasoned & { readonly key: string; readonly value: string })[];
  readonly offloads: readonly (Reasoned & { readonly feature: string; readonly value: 'on' | 'off' })[];
  readonly services: readonly (Reasoned & { readonly name: string; readonly state: 'on' | 'off' })[];
  /** KEY=value lines of files in /etc/sysconfig and the like. */
  readonly settings: readonly (Reasoned & {
    readonly file: string;
    readonly key: string;
    readonly value: string;
    /** `exists`: a host without the file needs no such line. */
    readonly when: 'exists' | 'always';
  })[];
  readonly files: readonly (Reasoned & { readonly path: string; readonly mode: string; readonly file: FileRef })[];
  /** Under the new kernel, beside those that every host gets. */
  readonly after: readonly HostCheck[];
}
