import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A process of ours that a test can talk to and kill. */
export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** The next line of its output; rejects with its error output when it ends before. */
  line(): Promise<string>;
  /** Waits for its end: exit code or signal. */
  readonly ended: Promise<number | string>;
}

/** Runs a TypeScript file in a process of its own; `prefix` is a command that runs the command. */
export function spawnScript(file: string, args: readonly string[], prefix: readonly string[] = []): Child {
  const [program = '', ...rest] = [...prefix, process.execPath, '--import', 'tsx', file, ...args];
  const child = spawn(program, rest);
  onTestFinished(() => void child.kill('SIGKILL'));
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  // Both may fail after the child is gone, which `ended` tells.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    process: child,
    ended,
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error(`ended (${String(await ended)}): ${errors.join('')}`);
      return next.value;
    },
  };
}
