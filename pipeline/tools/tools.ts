import type { Readable } from 'node:stream';
import type { Sha256 } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import type { Attempt } from '../run/failure.ts';

/** What was learned about the engine when connecting. */
export interface EngineInfo {
  readonly endpoint: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly os: string;
  readonly arch: string;
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly rootless: boolean;
}

/** A file that goes into a container or a build context. `bytes`: in memory, or a stream of known size. */
export interface TarFile {
  /** Relative, forward slashes, no `..`. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: Buffer | { readonly size: number; open(): Promise<Readable> };
}

/** A member of a container's output, in archive order. The consumer must drain `bytes` before the next one comes. */
export interface OutputFile {
  /** Relative to the output directory. */
  readonly path: string;
  readonly size: number;
  readonly bytes: Readable;
}

export interface RunSpec {
  /** For labels, logs and failures. */
  readonly step: string;
  /** Engine id `sha256:…`, never a tag: what was checked is what runs. */
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: 'root' | 'builder';
  /** `none` for everything but fetching. */
  readonly network: 'none' | 'bridge';
  readonly files: readonly TarFile[];
  /** mount point -> size in bytes; mounted exec. */
  readonly tmpfs: Readonly<Record<string, number>>;
  /** mount point -> volume name. Volumes are made when absent, with our labels. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Written to the command's standard input, then closed. For secrets: never on disk, never in env. */
  readonly stdin?: Buffer;
  /** Kill when no output came for so long. */
  readonly idleSeconds: number;
  readonly hostname?: string;
}

export interface RunHooks {
  /** Every line once, in order per stream, without its newline; the last one even without a newline at the end. */
  onLine(stream: 'stdout' | 'stderr', line: string): void;
  /** Called after exit code 0 for every regular file below /out; anything else in the archive is refused. */
  onOutput(file: OutputFile): Promise<void>;
  readonly signal: AbortSignal;
}

export interface BuildImageSpec {
  readonly name: string;
  readonly tag: string;
  readonly files: readonly TarFile[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a sweep removed. */
export interface Swept {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
}

/**
 * Containers and images, in our words. One door to the engine; the fake in test/ passes the same contract suite.
 * Failures: EngineUnavailable, EngineTooOld, ContainerExit, ContainerIdle, ContainerVanished, ImageBuildFailed,
 * HostileArchive, DiskFull, Cancelled.
 */
export interface Containers {
  /** Connects on first use. */
  info(): Promise<EngineInfo>;
  /** The engine id of a tag, digest or id; undefined when the engine does not have it. */
  imageId(reference: string): Promise<string | undefined>;
  /** The labels of an image; undefined when the engine does not have it. */
  imageLabels(reference: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The image that carries all these labels, newest first. */
  imageByLabels(labels: Readonly<Record<string, string>>): Promise<string | undefined>;
  /** Pulls `image@digest`; returns the engine id. Throws AllMirrorsFailed with one attempt when it cannot. */
  pull(image: string, digest: string, onProgress: (line: string) => void, signal: AbortSignal): Promise<string>;
  /** Imports a root file system tar as an image. */
  importImage(
    tar: Readable,
    options: { readonly tag: string; readonly labels: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<string>;
  buildImage(spec: BuildImageSpec, onLine: (line: string) => void, signal: AbortSignal): Promise<string>;
  run(spec: RunSpec, hooks: RunHooks): Promise<void>;
  /** Like run, but with the user's terminal; returns the exit code. Outputs are not collected. */
  interactive(spec: RunSpec, io: { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream }): Promise<number>;
  /** Reads one file out of an image without running anything. */
  readFile(image: string, path: string): Promise<Buffer>;
  /** Removes containers (and dangling build leftovers) that a dead run of the same owner left. */
  sweep(): Promise<Swept>;
}

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

/** Secret keys outside the store, mode 0600, by fingerprint of the public key. */
export interface Keys {
  save(fingerprint: string, secret: Buffer): Promise<void>;
  /** undefined when this machine does not have it. */
  load(fingerprint: string): Promise<Buffer | undefined>;
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

/** Programs of the host. Only the bootstrap of a base image needs one. */
export interface Host {
  aptMirrors(): Promise<AptMirrors>;
  /** Runs a script of ours; rejects with ContainerExit on a non-zero exit. */
  script(
    path: string,
    env: Readonly<Record<string, string>>,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  has(program: string): Promise<boolean>;
}

/** The published tree of a recipe. */
export interface Repository {
  /** Directory of snapshots; made when absent. */
  readonly root: string;
  snapshotDir(id: string): string;
  /** Ids, oldest first. */
  snapshots(): Promise<readonly string[]>;
  current(): Promise<string | undefined>;
  /** A snapshot directory written complete, fsynced, then renamed to its name. */
  addSnapshot(id: string, fill: (dir: string) => Promise<void>): Promise<void>;
  /** Removes a snapshot directory (rename away, then delete); refuses the current one. */
  removeSnapshot(id: string): Promise<void>;
  /** A published file as container input, re-hashed while it is read from the snapshot's directory (SnapshotInvalid). */
  file(id: string, path: string, want: { readonly digest: Sha256; readonly size: number }): TarFile['bytes'];
  /** Adds or replaces evidence or the page of a snapshot that is not current (SnapshotInvalid); the same bytes are always fine. */
  addFile(id: string, path: string, bytes: Buffer): Promise<void>;
  /** A file beside the snapshots (the public key, the .repo file): tmp, fsync, rename. */
  putRootFile(name: string, bytes: Buffer): Promise<void>;
  /** Moves the pointer (one rename) and writes what is derived from it. */
  moveTo(id: string, baseUrl: string): Promise<void>;
}

/** Everything that stages may do to the world. */
export interface Tools {
  readonly containers: Containers;
  readonly store: Store;
  readonly downloads: Downloads;
  readonly files: Files;
  readonly keys: Keys;
  readonly host: Host;
  repository(recipe: string): Repository;
}
