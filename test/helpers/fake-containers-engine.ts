import type { RunSpec } from '../../pipeline/tools/tools.ts';

/** A file inside a fake container. */
export interface FakeFile {
  readonly bytes: Buffer;
  readonly mode: number;
  readonly uid: number;
}

/** What the behaviour of a fake image sees and can do. */
export interface ProgramContext {
  readonly spec: RunSpec;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Uploaded files by path (relative, as in the spec). */
  readonly files: ReadonlyMap<string, FakeFile>;
  /** Device nodes: path -> `major:minor` in hex, as `stat -c %t:%T` prints it. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Whether a file can be made in an existing directory (absolute). */
  readonly canWrite: (dir: string) => boolean;
  /** Starts processes beside its own; false, with a shell's complaints, when that is more than a container may have. */
  readonly startProcesses: (count: number) => boolean;
  /** Uses so many bytes; false when that is more than the spec allows, and the kernel has killed it. */
  readonly takeMemory: (bytes: number) => boolean;
  /** Empty when the spec has none. */
  readonly stdin: Buffer;
  /** Writes a line; a newline is added. */
  readonly write: (line: string, stream?: 'stdout' | 'stderr') => void;
  /** Writes bytes as they are. */
  readonly raw: (bytes: Buffer | string, stream?: 'stdout' | 'stderr') => void;
  /** Leaves something in /out. */
  readonly output: (path: string, bytes: Buffer | string, type?: 'file' | 'symlink' | 'fifo') => void;
  /** Aborted when the container is killed. */
  readonly signal: AbortSignal;
}

/** The behaviour of a fake image: what its containers do; resolves to the exit code. */
export type Program = (context: ProgramContext) => Promise<number> | number;

export interface FakeImage {
  readonly id: string;
  readonly tags: Set<string>;
  readonly labels: Readonly<Record<string, string>>;
  /** Absolute path -> contents. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly program: Program;
}

export interface FakeContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Aborted when somebody removes it. */
  readonly gone: AbortController;
}

/** What an engine would hold; shared by the fakes of several runs. */
export class FakeEngine {
  /** In order of creation. */
  readonly images: FakeImage[] = [];
  readonly containers = new Map<string, FakeContainer>();
  readonly volumes = new Map<string, Readonly<Record<string, string>>>();
  /** `image@digest` -> what pulling it gives; what was pushed keeps its id. */
  readonly registry = new Map<string, Omit<FakeImage, 'id' | 'tags'> & { readonly id?: string }>();
  /** Tags in registries -> digests. */
  readonly registryTags = new Map<string, string>();
  /** Engine id -> digests that a registry gave it. */
  readonly digests = new Map<string, Set<string>>();
  #count = 0;

  nextId(): string {
    this.#count += 1;
    return this.#count.toString(16).padStart(64, '0');
  }

  /** `id`: of one that comes back; else a new one. */
  addImage(image: Omit<FakeImage, 'id' | 'tags'> & { readonly id?: string }, tag?: string): FakeImage {
    const made: FakeImage = { ...image, id: image.id ?? `sha256:${this.nextId()}`, tags: new Set() };
    if (tag !== undefined) {
      for (const other of this.images) other.tags.delete(tag);
      made.tags.add(tag);
    }
    this.images.push(made);
    return made;
  }

  /** False: there is no such image. */
  tagImage(id: string, tag: string): boolean {
    const image = this.findImage(id);
    if (image === undefined) return false;
    for (const other of this.images) other.tags.delete(tag);
    image.tags.add(tag);
    return true;
  }

  findImage(reference: string): FakeImage | undefined {
    const tag = reference.includes(':') || reference.includes('@') ? reference : `${reference}:latest`;
    return this.images.find(({ id, tags }) => id === reference || tags.has(tag));
  }

  remove(container: FakeContainer): void {
    this.containers.delete(container.id);
    container.gone.abort();
  }
}
