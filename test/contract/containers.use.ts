import { expect } from 'vitest';
import type { Failure } from '../../pipeline/run/failure.ts';
import { failureOf } from '../../pipeline/run/failure.ts';
import type { Containers, OutputFile, RunSpec } from '../../pipeline/tools/tools.ts';
import type { ContainersHarness } from './containers.contract.ts';
import type { ContractProgram } from './programs.ts';
import { buffer } from 'node:stream/consumers';

/** A spec for a program with defaults that a test overrides. */
export function specFor(harness: ContainersHarness, program: ContractProgram, more: Partial<RunSpec> = {}): RunSpec {
  const step = `test:${Math.random().toString(36).slice(2)}`;
  const { image, command } = harness.prepare(program);
  const defaults = { env: {}, files: [], tmpfs: {}, volumes: {}, idleSeconds: 30 };
  return { step, image, command, user: 'builder', network: 'none', ...defaults, ...more };
}

/** A run that a test watches and steers. */
export interface Watched {
  readonly spec: RunSpec;
  readonly lines: { readonly stream: 'stdout' | 'stderr'; readonly line: string }[];
  readonly outputs: Map<string, Buffer>;
  readonly done: Promise<void>;
  /** Resolves at the first line. */
  readonly started: Promise<void>;
  abort(): void;
}

export function start(
  containers: Containers,
  spec: RunSpec,
  onOutput: (file: OutputFile) => Promise<void> = () => Promise.resolve(),
): Watched {
  const controller = new AbortController();
  const lines: Watched['lines'] = [];
  const outputs: Watched['outputs'] = new Map();
  let atFirstLine: () => void;
  const firstLine = new Promise<void>((resolve) => (atFirstLine = resolve));
  const done = containers.run(spec, {
    signal: controller.signal,
    onLine: (stream, line) => {
      lines.push({ stream, line });
      atFirstLine();
    },
    onOutput: async (file) => {
      await onOutput(file);
      if (!file.bytes.readableEnded) outputs.set(file.path, await buffer(file.bytes));
    },
  });
  done.catch(() => undefined);
  const started = Promise.race([firstLine, done.then(() => expect.unreachable('it ended without a line'))]);
  started.catch(() => undefined);
  return { spec, lines, outputs, done, started, abort: () => controller.abort() };
}

/** Runs to the end and returns what came. */
export async function runToEnd(containers: Containers, spec: RunSpec): Promise<Watched> {
  const watched = start(containers, spec);
  await watched.done;
  return watched;
}

/** The failure of something that must fail. */
export async function failureFrom(work: Promise<unknown>): Promise<Failure> {
  return work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => failureOf(error),
  );
}

/** Lines of one stream. */
export function linesOf(watched: Watched, stream: 'stdout' | 'stderr' = 'stdout'): string[] {
  return watched.lines.filter((line) => line.stream === stream).map(({ line }) => line);
}
