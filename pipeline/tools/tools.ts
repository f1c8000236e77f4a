import type { Readable } from 'node:stream';
import type { Sha256 } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import type { Pointer } from '../plan/pointer.ts';
import type { WantedImage } from '../plan/vendored.ts';
import type { Attempt } from '../run/failure.ts';
import type { Containers, EngineInfo, TarFile } from './container-types.ts';
import type { Registry } from './registry-types.ts';

export type {
  BuildImageSpec,
  Containers,
  EngineInfo,
  OutputFile,
  RegistryLogin,
  RunHooks,
  RunSpec,
  Swept,
  TarFile,
  TransferHooks,
} from './container-types.ts';
export type { Pulled, Registry, RegistryHooks } from './registry-types.ts';

/** Content-addressed bytes. Failures: StoreCorrupt, ChecksumMismatch (want given), DiskFull. */
export interface Store {
  /** Hashes while writing to a temporary file, fsyncs, renames. The same bytes twice are stored once. */
  put(
    bytes: Buffer | Readable,
    options?: { readonly want?: Sha256; readonly maxBytes?: number },
  ): Promise<{ digest: Sha256; size: number }>;
  /** Adopts a finished file by renaming it into the store, after hashing it. */
  adopt(path: string, want?: Sha256): Promise<{ digest: Sha256; size: number }>;
  /** Present with the right size (no hashing: for `plan` and cache hits). */
  has(digest: Sha256, size: number): Promise<boolean>;
  /** A stream that re-hashes; it errors with StoreCorrupt instead of ending when the bytes are not the digest's. */
  open(digest: Sha256): Promise<Readable>;
  /** Small objects: all bytes, hashed before they are returned. */
  read(digest: Sha256): Promise<Buffer>;
  /** Re-hashes, then puts a copy at `path` (reflink or hard link where it can). */
  place(digest: Sha256, path: string): Promise<void>;
  /** A new empty directory for files in the making, on the same file system; removed by `sweep`. */
  scratch(): Promise<string>;
}

export interface DownloadRequest {
  readonly source: string;
  readonly file: string;
  readonly urls: readonly string[];
  readonly sha256: Sha256 | null;
  readonly size: number | null;
}
/** HTTP with mirrors, resume and checks. Failures: AllMirrorsFailed, ChecksumMismatch, DiskFull, Cancelled. */
export interface Downloads {
  fetch(
    request: DownloadRequest,
    hooks: {
      onProgress(done: number, total: number | null): void;
      onAttempt(attempt: Attempt): void;
      signal: AbortSignal;
    },
  ): Promise<{ digest: Sha256; size: number; url: string }>;
}

/** Reads files of the factory, the recipe and its patches; hashes what it reads against the reference (FileChanged). */
export interface Files {
  read(ref: FileRef): Promise<Buffer>;
  /** Absolute path after verification, for programs that take a path. */
  path(ref: FileRef): Promise<string>;
}

/** Directories that `factory vendor` made. */
export interface Vendored {
  /**
   * The tar of an image, verified before anything of it is handed out and once more while it is read: size and digest as in
   * the index, the one image in it the locked one. Failures: VendorInvalid.
   */
  openImage(image: WantedImage): Promise<Readable>;
}

/** A secret key as a signing container gets it. Never in the store, a record, an event or a log. */
export interface SecretKey {
  /** One OpenPGP key in its armor, protected by the passphrase if there is one. */
  readonly armored: Buffer;
  /** Empty for none; one line. */
  readonly passphrase: string;
}

/** A key whose secret a gpg-agent of this machine keeps: it signs what a container asks it to. */
export interface AgentKey {
  /** Path of the agent's restricted socket (S.gpg-agent.extra), which signs and gives no secret away. */
  readonly socket: string;
  /** The public half in its armor. */
  readonly publicKey: Buffer;
}

/** Secret keys by fingerprint of their public key: the user's own of this run, and demo keys (files, mode 0600). */
export interface Keys {
  /** Keeps a demo key. Keys of the user's are never written anywhere. */
  save(fingerprint: string, secret: Buffer): Promise<void>;
  /** undefined when this machine does not have it. */
  load(fingerprint: string): Promise<SecretKey | AgentKey | undefined>;
}

/** URLs of the Debian archive and its security archive. */
interface AptArchives {
  readonly main: string;
  readonly security: string;
  /** sources.list for both, binary suites of Debian 12 (bookworm, -updates, -security), one line each. */
  readonly sourcesList: string;
}

/** Where apt packages come from. Never printed. */
export interface AptMirrors {
  /** Those of this machine, when it is Debian; null: the public default, which Debian's images and tools know themselves. */
  readonly archives: AptArchives | null;
  /** Host names to blank out of everything that is logged; empty when only the public default is used. */
  readonly secretHosts: readonly string[];
}

/**
 * The vsyscall page of a kernel (x86-64), which programs of CentOS 6 call into: with `none` each of them ends with a
 * segmentation fault (exit code 139), with the others they run.
 */
export type Vsyscall = 'none' | 'xonly' | 'emulate' | 'native';

/** Programs and the kernel of the host. Only the bootstrap of a base image needs a program. */
export interface Host {
  aptMirrors(): Promise<AptMirrors>;
  /** What the engine's kernel has; `unknown` when the engine does not run on this machine's kernel, or it is no x86-64. */
  vsyscall(engine: Pick<EngineInfo, 'endpoint' | 'arch' | 'kernel'>): Promise<Vsyscall | 'unknown'>;
  /** Runs a script of ours; rejects with ContainerExit on a non-zero exit. */
  script(
    path: string,
    env: Readonly<Record<string, string>>,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  has(program: string): Promise<boolean>;
  /** The key of this fingerprint in the user's keyring, and the socket of the agent that has its secret. Failures: Usage. */
  signingAgent(fingerprint: string): Promise<AgentKey>;
}

/** A pointer that was read from disk and verified. */
export interface SignedPointer {
  /** What it states. */
  readonly states: Pointer;
  /** The clear-signed text that states it. */
  readonly text: string;
  /** Fingerprint of the key that signed it. */
  readonly signer: string;
  /** Whether the other forms of the pointer (`current`, `mirrorlist`) name the same snapshot. */
  readonly agrees: boolean;
}

/** The published tree of a recipe. */
export interface Repository {
  /** Directory of snapshots; made when absent. */
  readonly root: string;
  snapshotDir(id: string): string;
  /** Ids, oldest first. */
  snapshots(): Promise<readonly string[]>;
  current(): Promise<string | undefined>;
  /** Ids that must stay: what any form of the pointer names, and what is pinned. */
  kept(): Promise<ReadonlySet<string>>;
  /** A snapshot directory written complete, fsynced, then renamed to its name. */
  addSnapshot(id: string, fill: (dir: string) => Promise<void>): Promise<void>;
  /** Removes a snapshot directory (rename away, then delete); refuses one that is `kept`. */
  removeSnapshot(id: string): Promise<void>;
  /** A published file as container input, re-hashed while it is read from the snapshot's directory (SnapshotInvalid). */
  file(id: string, path: string, want: { readonly digest: Sha256; readonly size: number }): TarFile['bytes'];
  /** A file that a snapshot's SHA256SUMS names, or these, if it is as they and the id say; else undefined. For small files. */
  read(id: string, path: string): Promise<Buffer | undefined>;
  /** Adds or replaces evidence or the page of a snapshot that is not current (SnapshotInvalid); the same bytes are always fine. */
  addFile(id: string, path: string, bytes: Buffer): Promise<void>;
  /**
   * Makes a public key the one that hosts get (`RPM-GPG-KEY-factory`); it and every one before it stay in `keys/`. Returns the
   * fingerprints of the keys that the snapshots need which are there, this one first.
   */
  putKey(armored: Buffer): Promise<readonly string[]>;
  /** A file beside the snapshots (the .repo file): tmp, fsync, rename. */
  putRootFile(name: string, bytes: Buffer): Promise<void>;
  /** The same, read; undefined when there is none. */
  rootFile(name: string): Promise<Buffer | undefined>;
  /** The signed pointer; undefined when there is none, or none that a key which was published here signed. */
  pointer(): Promise<SignedPointer | undefined>;
  /**
   * Verifies the snapshot from disk (sums, signatures, evidence) and the signed pointer, which has to name it and must not be
   * behind the one that is there; then moves the pointer (one rename) and writes its other forms (SnapshotInvalid).
   */
  moveTo(id: string, baseUrl: string, pointer: string): Promise<void>;
}

/** Everything that stages may do to the world. */
export interface Tools {
  readonly containers: Containers;
  readonly store: Store;
  readonly downloads: Downloads;
  readonly files: Files;
  readonly vendored: Vendored;
  readonly registry: Registry;
  readonly keys: Keys;
  readonly host: Host;
  repository(recipe: string): Repository;
}
