import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { unpackLimits } from '../../pipeline/recipe/schema-limits.ts';
import { unpackEnv } from '../../pipeline/stages/unpack-limits.ts';
import { createNotes } from '../../pipeline/stages/notes.ts';
import { FactoryError } from '../../pipeline/run/failure.ts';
import type { Facts } from '../../pipeline/run/record.ts';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import type { RunSpec, TarFile } from '../../pipeline/tools/tools.ts';
import { expectCode, workplace } from '../helpers/run-factory.ts';

const DEFAULT_LIMITS = unpackLimits(undefined);
const STEPS = resolve(import.meta.dirname, '../../dockerfiles/steps');

/** How a step script ended. */
export interface StepRun {
  readonly code: number;
  readonly error: { readonly code: string; readonly detail: string } | undefined;
  readonly facts: Facts;
  /** Both streams in the order in which they came. */
  readonly lines: readonly string[];
  /** Below /out, without the receipt. */
  readonly outputs: ReadonlyMap<string, Buffer>;
}

/** Contents of files by their path in the container, without a leading slash. */
export type Contents = Readonly<Record<string, Buffer | string>>;

/** Runs step scripts and other shell code in the builder image, as the pipeline does: no network, as a user. */
export interface StepRig {
  /** A script of dockerfiles/steps/. Files in in/bin/ can be executed. `stdin`: what it reads from its standard input. */
  step(script: string, env: Readonly<Record<string, string>>, files: Contents, stdin?: string): Promise<StepRun>;
  /** Shell code, for making inputs: what it leaves in /out. Fails when it fails. */
  make(shell: string, files?: Contents): Promise<ReadonlyMap<string, Buffer>>;
  /** Shell code beside the scripts in /step, in a container of another kind. */
  shell(shell: string, files: Contents, more: Partial<RunSpec>): Promise<StepRun>;
}

/** Takes the builder image that the factory makes, or has made before. */
export async function stepRig(): Promise<StepRig> {
  const image = await builderImage();
  const containers = createContainers({ owner: `steps-${randomBytes(4).toString('hex')}`, runId: 'this-run' });
  const scripts = await Promise.all(
    (await readdir(STEPS)).map(async (name) => file(`step/${name}`, await readFile(join(STEPS, name)), 0o755)),
  );

  async function run(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    files: Contents,
    stdin?: string,
    more: Partial<RunSpec> = {},
  ) {
    const lines: string[] = [];
    const outputs = new Map<string, Buffer>();
    const notes = createNotes();
    const spec: RunSpec = {
      step: `test:${command.at(-1)?.slice(0, 40) ?? ''}`,
      image,
      command,
      env,
      user: 'builder',
      network: 'none',
      files: [
        ...scripts,
        ...Object.entries(files).map(([path, bytes]) =>
          file(path, Buffer.from(bytes), path.startsWith('in/bin/') ? 0o755 : 0o644),
        ),
      ],
      tmpfs: { '/build': 256 * 1024 ** 2 },
      volumes: {},
      ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }),
      idleSeconds: 600,
      ...more,
    };
    const hooks = {
      onLine: (_: string, line: string) => {
        lines.push(line);
        notes.take(line);
      },
      onOutput: async (output: { path: string; bytes: NodeJS.ReadableStream }) => {
        const bytes = await buffer(output.bytes);
        if (output.path !== '.receipt') outputs.set(output.path, bytes);
      },
      signal: new AbortController().signal,
    };
    const code = await containers.run(spec, hooks).then(
      () => 0,
      (error: unknown) => {
        if (error instanceof FactoryError && error.failure.kind === 'ContainerExit') return error.failure.code;
        throw error;
      },
    );
    return { code, error: notes.error(), facts: notes.facts(), lines, outputs };
  }

  return {
    step: (script, env, files, stdin) =>
      run(['/bin/bash', '/step/entry.sh', script], { ...unpackEnv(DEFAULT_LIMITS), ...env }, files, stdin),
    shell: (shell, files, more) => run(['/bin/bash', '-euc', shell], unpackEnv(DEFAULT_LIMITS), files, undefined, more),
    make: async (shell, files = {}) => {
      const made = await run(['/bin/bash', '-euc', shell], {}, files);
      if (made.code !== 0) throw new Error(`making inputs ended with ${made.code}:\n${made.lines.join('\n')}`);
      return made.outputs;
    },
  };
}

/** The engine's id of the builder image. Through the command line: seconds where the engine has it, and nothing that a clean machine lacks. */
export async function builderImage(): Promise<string> {
  await using place = await workplace();
  const made = await place.run(['build', '--json', '--only', 'builder-image:debian-builder']);
  expectCode(made, 0);
  const records = made.events.flatMap((event) => (event.type === 'step-made' ? [event.record] : []));
  const image = records.flatMap(({ outputs }) => outputs).find(({ name }) => name === 'debian-builder')?.engineId;
  if (image === undefined) throw new Error('the factory made no builder image');
  return image;
}

function file(path: string, bytes: Buffer, mode: number): TarFile {
  return { path, bytes, mode };
}

/** The one file of a name in what was made. */
export function only(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`no ${name} among ${[...files.keys()].join(', ')}`);
  return bytes;
}
