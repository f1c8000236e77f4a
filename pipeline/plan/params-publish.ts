import type { Sha256 } from './artifact.ts';
import type { Boot } from './boot.ts';
import type { Host } from './host.ts';
import type { FileRef, Scripted } from './params.ts';

/** A signing key: of it a plan holds nothing but what everybody may know. */
export interface SigningKeyParams extends Scripted {
  readonly name: string;
  readonly email: string;
  /** The user's own key, with the digest over its public half; null: a demo key is made. */
  readonly own: { readonly fingerprint: string; readonly publicDigest: Sha256 } | null;
}
export interface SignParams extends Scripted {
  readonly package: string;
}
/** A recipe that another one extends: its name, and the digest of what it says and of all its files. */
export interface ExtendedRecipe {
  readonly recipe: string;
  readonly sha256: Sha256;
}
export interface SnapshotParams extends Scripted {
  readonly recipe: string;
  /** What the recipe extends, the nearest first; absent for one that extends none. */
  readonly extends?: readonly ExtendedRecipe[];
  readonly epoch: number;
  /** Sources that nothing vouched for: neither a lock, a published checksum, a signature nor a signed index. */
  readonly unlocked: readonly string[];
  /**
   * Where upstream has what a step downloads, by id of the step: the recipe's first mirror, not the one that served it. A
   * param, because the provenance names it.
   */
  readonly upstream: Readonly<Record<string, string>>;
  /** Published in it for hosts; none where no role has a manifest. */
  readonly hostScripts: HostScripts;
}
/** Parts of the scripts for hosts, in order, by the name under which they are published. */
export type HostScripts = Readonly<Record<string, readonly FileRef[]>>;
export interface InstallManifestParams extends Scripted {
  readonly recipe: string;
  readonly role: string;
  readonly host: Host;
  /** Those of verify-install; `{release}` as there. */
  readonly checks: readonly InstallCheck[];
}
export interface InstallCheck {
  readonly id: string;
  readonly kind: 'file' | 'file-contains' | 'command';
  readonly argument: string;
  readonly expected: string;
}
export interface VerifyInstallParams extends Scripted {
  readonly recipe: string;
  readonly role: string;
  /** Binary package names, each with the buildid that its release must end in (empty: any). */
  readonly packages: readonly { readonly name: string; readonly releaseSuffix: string }[];
  /** `{release}` in argument and expected stands for the `version-release.arch` of the role's kernel. */
  readonly checks: readonly InstallCheck[];
  /** Whether the file system is handed on, to be booted. */
  readonly rootfs: boolean;
}
export interface VerifyBootParams extends Scripted {
  readonly recipe: string;
  readonly boot: Boot;
  /** The buildids that the releases of the kernels end in. */
  readonly kernels: { readonly director: string; readonly backend: string };
}
export interface PublishParams extends Scripted {
  readonly recipe: string;
  /** Days until the signed pointer expires. */
  readonly validDays: number;
  /** Published beside the pointer: the script with which hosts check it, and the one with which they install. */
  readonly hostScripts: HostScripts;
}
