/** What the command line gets from the process. Read once in factory.ts and passed on; nothing else reads argv or env. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly argv: readonly string[];
}

/** Options that every command takes. */
export interface CommonOptions {
  /** Name of a recipe in pipeline/recipes/, or a path to a recipe folder or recipe.yaml. */
  readonly recipe: string;
  /** Folder of patches in place of the recipe's. */
  readonly patches?: string;
  readonly artifacts: string | undefined;
  readonly engine: string | undefined;
  readonly offline: boolean;
  readonly frozen: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly keepGoing: boolean;
  readonly jobs: number | undefined;
  readonly only: readonly string[];
  readonly mirror: readonly string[];
  /** Lock file in place of the recipe's. */
  readonly lock?: string;
  readonly key: readonly string[];
  /** File with an armored secret key. */
  readonly signingKey?: string;
  readonly signingPassphraseFile?: string;
  /** Fingerprint of a key whose secret the user's gpg-agent keeps. */
  readonly signingAgent?: string;
  readonly baseImage: readonly string[];
  readonly builderImage?: string;
  /** `registry/path` below which images lie, or `none`. */
  readonly imageCache?: string;
  readonly kernelSource?: 'patch' | 'patched-tree';
}
