import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { FactoryError } from '../../run/failure.ts';

const TAIL_LINES = 40;

export interface ScriptOptions {
  /** The whole environment of the script. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  /** From SIGTERM to SIGKILL, and how long left-over children may hold the output open after the script's end. */
  readonly graceMs: number;
}

/**
 * Runs the program with a watcher beside it that reads a pipe which we hold open and never write to. When we die, however
 * suddenly, the pipe ends and the watcher stops the whole process group: a killed factory leaves no orphan at work.
 */
const WATCHED = `exec 3<&0 </dev/null
(while read -r _ <&3; do :; done; kill -TERM 0) >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

/**
 * Runs a script with the interpreter that its first line names, in a process group of its own. Both output streams
 * arrive line by line. Throws ContainerExit (step: the script's name; code 127: could not be started) and Cancelled.
 */
export async function runScript(path: string, options: ScriptOptions): Promise<void> {
  const { signal, graceMs } = options;
  if (isAborted(signal)) throw new FactoryError({ kind: 'Cancelled' });
  const [program, ...args] = interpreterOf(await readFile(path, 'latin1'));
  const tail: string[] = [];
  const onLine = (line: string): void => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    options.onLine(line);
  };
  const step = basename(path);
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', program, ...args, path], {
    env: { ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const outputs = [child.stdout, child.stderr].map((input) => createInterface({ input, crlfDelay: Infinity }));
  let killing: NodeJS.Timeout | undefined;
  // Children that left the group may hold the pipes open for ever, so reading ends with the killing.
  const killSoon = (): void => {
    killing ??= setTimeout(() => {
      killGroup(child, 'SIGKILL');
      for (const output of outputs) output.close();
    }, graceMs);
  };
  const stop = (): void => {
    killGroup(child, 'SIGTERM');
    killSoon();
  };
  signal.addEventListener('abort', stop, { once: true });
  // While the file was read.
  if (isAborted(signal)) stop();
  try {
    const ended = endOf(child, step).finally(killSoon);
    const [code] = await Promise.all([ended, ...outputs.map((output) => eachLine(output, onLine))]);
    if (isAborted(signal)) throw new FactoryError({ kind: 'Cancelled' });
    if (code !== 0) throw new FactoryError({ kind: 'ContainerExit', step, code, oom: false, tail });
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(killing);
    killGroup(child, 'SIGKILL');
  }
}

/** Program and arguments of a `#!` line, so that a checkout that lost its mode bits still runs. */
function interpreterOf(script: string): [program: string, ...args: string[]] {
  const [, program = '/bin/sh', rest = ''] = /^#![ \t]*(\S+)(.*)/.exec(script) ?? [];
  return [program, ...rest.split(/\s+/).filter((word) => word !== '')];
}

/** A function, because the compiler takes a property that was looked at once for constant. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** The exit code as a shell would say it; throws ContainerExit when the program could not be started. */
async function endOf(child: Child, step: string): Promise<number> {
  try {
    const [code, name] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (name === null ? 0 : constants.signals[name]);
  } catch (error) {
    const tail = [(error as Error).message];
    throw new FactoryError({ kind: 'ContainerExit', step, code: 127, oom: false, tail }, { cause: error });
  }
}

async function eachLine(output: Interface, onLine: (line: string) => void): Promise<void> {
  for await (const line of output) onLine(line);
}

/** The script and everything it started. A group that is gone already is what we want. */
function killGroup({ pid }: Child, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
