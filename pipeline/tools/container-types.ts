import type { Readable } from 'node:stream';

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
  /** When it was last changed, in whole seconds; absent: 1970, the same for everything. */
  readonly mtime?: Date;
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
  /**
   * Directories on the engine's disk that the command may write to, beside /out, /tmp and /var/tmp; gone with the container.
   * Everything else, /in and /step among it, is read-only.
   */
  readonly scratch?: readonly string[];
  /** Why the command has to write to its root file system, in words; absent: it cannot. */
  readonly writableRoot?: string;
  /** Bytes of memory for the command, beside those of its tmpfs; absent: 2 GiB. Swap gives no more. */
  readonly memoryBytes?: number;
  /**
   * Path in the container -> character device of the engine's host that stands there, to be read; also over one of the
   * nodes that every container has. An engine without root ignores it for those.
   */
  readonly devices?: Readonly<Record<string, string>>;
  /**
   * Path in the container -> unix socket of this machine that stands there: the one thing that is ever mounted from the host,
   * for a signing agent. Only for an engine that runs on this machine.
   */
  readonly sockets?: Readonly<Record<string, string>>;
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

/** Who asks a registry. Never in a record, an event or a log. */
export interface RegistryLogin {
  readonly user: string;
  readonly password: string;
}

/** How a transfer from or to a registry is watched and stopped. */
export interface TransferHooks {
  /** Absent: nobody in particular. */
  readonly login?: RegistryLogin | undefined;
  /** What the engine says of it: each line once. */
  onLine(line: string): void;
  /** Bytes of layers so far, of as many as are known by now. */
  onBytes?(done: number, total: number): void;
  readonly signal: AbortSignal;
}

/** What a sweep removed. */
export interface Swept {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
}

/**
 * Containers and images, in our words. One door to the engine; the fake in test/ passes the same contract suite.
 * Failures: EngineUnavailable, EngineTooOld, ContainerExit, ContainerIdle, ContainerVanished, TooManyProcesses,
 * ImageBuildFailed, HostileArchive, RegistryFailed, DiskFull, Cancelled.
 */
export interface Containers {
  /** Connects on first use. */
  info(): Promise<EngineInfo>;
  /** The engine id of a tag, digest or id; undefined when the engine does not have it. */
  imageId(reference: string): Promise<string | undefined>;
  /** The labels of an image; undefined when the engine does not have it. */
  imageLabels(reference: string): Promise<Readonly<Record<string, string>> | undefined>;
  /**
   * The newest image with a tag `repository:…` that carries all these labels. The labels alone would also find what somebody
   * has built on top of it.
   */
  imageByLabels(repository: string, labels: Readonly<Record<string, string>>): Promise<string | undefined>;
  /** The digests by which registries know an image, `registry/path@sha256:…`, as far as the engine pulled or pushed it. */
  imageDigests(reference: string): Promise<readonly string[]>;
  /** Pulls `image@digest`; returns the engine id. Throws AllMirrorsFailed with one attempt when it cannot. */
  pull(image: string, digest: string, hooks: TransferHooks): Promise<string>;
  /** What a tag points at in its registry, `sha256:…`; undefined when it has no such image. RegistryFailed when it does not say. */
  registryDigest(reference: string, hooks: Pick<TransferHooks, 'login' | 'signal'>): Promise<string | undefined>;
  /**
   * Gives an image the tag and pushes it there; returns its digest in the registry. Failures: SourceMissing (the engine does not
   * have the image), RegistryFailed.
   */
  pushImage(id: string, tag: string, hooks: TransferHooks): Promise<string>;
  /** Imports a root file system tar as an image. */
  importImage(
    tar: Readable,
    options: { readonly tag: string; readonly labels: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<string>;
  /** The image of an id as a tar, without tags; SourceMissing when the engine does not have it. */
  saveImage(id: string): Promise<Readable>;
  /**
   * Brings a saved image back and tags it. SourceMissing when the engine cannot read the tar or has no image of this id
   * afterwards; an error of the stream comes back as it is.
   */
  loadImage(tar: Readable, image: { readonly id: string; readonly tag: string }, signal: AbortSignal): Promise<void>;
  /** One more name for an image; whatever had it loses it. SourceMissing when the engine does not have the image. */
  tagImage(id: string, tag: string): Promise<void>;
  buildImage(spec: BuildImageSpec, onLine: (line: string) => void, signal: AbortSignal): Promise<string>;
  run(spec: RunSpec, hooks: RunHooks): Promise<void>;
  /** Like run, but with the user's terminal; returns the exit code. Outputs are not collected. */
  interactive(spec: RunSpec, io: { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream }): Promise<number>;
  /** Reads one file out of an image without running anything. */
  readFile(image: string, path: string): Promise<Buffer>;
  /** Removes containers (and dangling build leftovers) that a dead run of the same owner left. */
  sweep(): Promise<Swept>;
}
