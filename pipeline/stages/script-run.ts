import type { Artifact } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import type { StageName } from '../plan/step.ts';
import { FactoryError, type Failure } from '../run/failure.ts';
import type { Facts } from '../run/record.ts';
import type { OutputFile, RunSpec, TarFile, Tools } from '../tools/tools.ts';
import { createNotes } from './notes.ts';
import { refusedArchive } from './unpack-limits.ts';
import { checkReceipt, type Received } from './receipt.ts';
import type { StageContext } from './stage.ts';

/** One run of a step script, as a stage describes it. */
export interface ScriptRun {
  readonly image: Artifact<'image'>;
  /** File name below dockerfiles/steps/. */
  readonly script: string;
  readonly scripts: readonly FileRef[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly TarFile[];
  readonly user?: 'root' | 'builder';
  readonly network?: 'none' | 'bridge';
  readonly tmpfs?: Readonly<Record<string, number>>;
  readonly volumes?: Readonly<Record<string, string>>;
  readonly devices?: Readonly<Record<string, string>>;
  readonly scratch?: readonly string[];
  readonly writableRoot?: string;
  readonly memoryBytes?: number;
  readonly stdin?: Buffer;
  readonly sockets?: Readonly<Record<string, string>>;
  readonly idleSeconds?: number;
}

/** What came out: files by their path below /out, and what the script noted. */
export interface ScriptResult {
  readonly files: ReadonlyMap<string, Received>;
  /** Contents of the outputs that `keepOutOfStore` claimed. */
  readonly secrets: ReadonlyMap<string, Buffer>;
  readonly facts: Facts;
}

export interface ScriptHooks {
  onLine?(line: string, phase: string): void;
  onPhase?(phase: string): void;
  /** A better failure than "exit code n", from the last `@@factory error=` of the script; undefined keeps the first. */
  explain?(
    error: { readonly code: string; readonly detail: string } | undefined,
    failure: Failure,
  ): Failure | undefined;
  /** Outputs that must not enter the store (secrets); they are returned in memory. */
  keepOutOfStore?(path: string): boolean;
}

/** An artifact of the store as a file inside the container. */
export function artifactFile(tools: Tools, artifact: Artifact, path: string): TarFile {
  return { path, mode: 0o644, bytes: { size: artifact.size, open: () => tools.store.open(artifact.digest) } };
}

/** Files of ours (scripts, specs, patches), each re-hashed as it is read. */
export async function refFiles(tools: Tools, refs: readonly FileRef[], dir: string, mode = 0o644): Promise<TarFile[]> {
  return Promise.all(
    refs.map(async (ref) => ({ path: `${dir}/${baseName(ref.path)}`, mode, bytes: await tools.files.read(ref) })),
  );
}

/** Last part of a path with forward slashes. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The engine's request for a ScriptRun; also what `factory shell` opens. */
export async function runSpecOf(context: StageContext<StageName>, run: ScriptRun): Promise<RunSpec> {
  const { tools, step } = context;
  if (run.image.engineId === undefined) throw new Error(`image ${run.image.name} has no engine id`);
  return {
    step: step.id,
    image: run.image.engineId,
    command: ['/bin/bash', '/step/entry.sh', run.script],
    env: run.env,
    user: run.user ?? 'builder',
    network: run.network ?? 'none',
    files: [...(await refFiles(tools, run.scripts, 'step', 0o755)), ...run.files],
    tmpfs: run.tmpfs ?? {},
    volumes: run.volumes ?? {},
    ...(run.devices === undefined ? {} : { devices: run.devices }),
    ...(run.scratch === undefined ? {} : { scratch: run.scratch }),
    ...(run.writableRoot === undefined ? {} : { writableRoot: run.writableRoot }),
    ...(run.memoryBytes === undefined ? {} : { memoryBytes: run.memoryBytes }),
    ...(run.stdin === undefined ? {} : { stdin: run.stdin }),
    ...(run.sockets === undefined ? {} : { sockets: run.sockets }),
    idleSeconds: run.idleSeconds ?? 900,
  };
}

const RECEIPT = '.receipt';

/** Runs a step script in a container, streams its log, brings its outputs into the store and checks their receipt. */
export async function runScript(
  context: StageContext<StageName>,
  run: ScriptRun,
  hooks: ScriptHooks = {},
): Promise<ScriptResult> {
  const { tools, step } = context;
  const notes = createNotes();
  const files = new Map<string, Received>();
  const secrets = new Map<string, Buffer>();
  let receipt: string | undefined;
  let phase = '';

  const onOutput = async (file: OutputFile): Promise<void> => {
    if (file.path === RECEIPT) receipt = (await collect(file, step.id)).toString('utf8');
    else if (hooks.keepOutOfStore?.(file.path) === true) secrets.set(file.path, await collect(file, step.id));
    else files.set(file.path, await tools.store.put(file.bytes));
  };
  const onLine = (stream: 'stdout' | 'stderr', line: string): void => {
    context.log(line, stream);
    const taken = notes.take(line);
    if (taken.phase !== undefined) {
      phase = taken.phase;
      hooks.onPhase?.(phase);
    }
    hooks.onLine?.(line, phase);
  };

  const spec = await runSpecOf(context, run);
  try {
    await tools.containers.run(spec, { onLine, onOutput, signal: context.signal });
  } catch (thrown) {
    if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'ContainerExit') throw thrown;
    const said = notes.error();
    const better = (said && refusedArchive(said)) ?? hooks.explain?.(said, thrown.failure);
    throw better === undefined ? thrown : new FactoryError(better, { cause: thrown });
  }
  const { createHash } = await import('node:crypto');
  const hashed = new Map(
    [...secrets].map(([path, bytes]) => [
      path,
      { digest: createHash('sha256').update(bytes).digest('hex') as Received['digest'], size: bytes.length },
    ]),
  );
  checkReceipt(step.id, receipt, new Map([...files, ...hashed]));
  return { files, secrets, facts: notes.facts() };
}

/** Receipts and keys are small; anything larger under their names is not one. */
const SMALL = 4 * 1024 * 1024;

async function collect(file: OutputFile, step: string): Promise<Buffer> {
  if (file.size > SMALL)
    throw new FactoryError({
      kind: 'ReceiptMismatch',
      step,
      detail: `${file.path} is ${file.size} bytes, more than expected`,
    });
  const chunks: Buffer[] = [];
  for await (const chunk of file.bytes) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
