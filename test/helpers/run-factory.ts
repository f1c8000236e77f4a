import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { TimedEvent } from '../../pipeline/run/events.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const RECIPES = join(ROOT, 'test/fixtures/recipes');

/** How a factory process ended. `events` are filled when it ran with --json. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly TimedEvent[];
}

/** A temporary workplace: an artifacts directory of its own and a copy of a recipe that a test may change. */
export interface Workplace {
  readonly dir: string;
  readonly artifacts: string;
  readonly recipe: string;
  /** Runs bin/factory with this recipe and these artifacts. `onEvent` sees events as they come (with --json). */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: TimedEvent, child: ChildProcess) => void;
  /** What it says on standard error, as it comes. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
  /** Another checkout than this one, whose bin/factory is run. */
  readonly checkout?: string;
  /** In a network namespace of its own in which nothing is up; the engine's socket is a file and works. Needs root. */
  readonly withoutNetwork?: boolean;
}

/** Makes a workplace with a fixture recipe (by name) or any recipe (by path). Its folder keeps its name, which must be that of the recipe. */
export async function workplace(from = 'hello'): Promise<Workplace> {
  const name = basename(from);
  const dir = await mkdtemp(join(tmpdir(), 'factory-e2e-'));
  const recipe = join(dir, name);
  const artifacts = join(dir, 'artifacts');
  await cp(resolve(RECIPES, from), recipe, { recursive: true });
  return {
    dir,
    artifacts,
    recipe,
    run: (args, options) => runFactory([...args, '--recipe', recipe, '--artifacts', artifacts], options),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/**
 * Gives a recipe an epoch that nobody had before: its base and builder are really made then, and not found in the engine, which
 * may still have those of a test that was killed.
 */
export const withNewEpoch = (recipeYaml: string): string =>
  recipeYaml.replace(/^epoch: .*$/m, `epoch: ${1_600_000_000 + (Date.now() % 100_000_000)}`);

/** Runs bin/factory to its end. Never rejects for an exit code. */
export function runFactory(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  // A test that runs in a job of GitHub Actions itself is not what GitHub shall hear of.
  const env = { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '', ...options.env };
  const alone = options.withoutNetwork === true ? ['unshare', '--net', '--'] : [];
  const [program = '', ...rest] = [...alone, join(options.checkout ?? ROOT, 'bin/factory'), ...args];
  const child = spawn(program, rest, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const events: TimedEvent[] = [];
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    options.onStderr?.(stderr, child);
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    stdout += `${line}\n`;
    if (!args.includes('--json') || !line.startsWith('{"')) return;
    const event = JSON.parse(line) as TimedEvent;
    events.push(event);
    options.onEvent?.(event, child);
  });
  return new Promise((resolvePromise, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolvePromise({ code, signal, stdout, stderr, events }));
  });
}

/** Ids of the steps of which there is an event of this type, in order. */
export function stepsOf(
  finished: Finished,
  type: 'step-made' | 'step-cached' | 'step-started' | 'step-failed',
): string[] {
  return finished.events.flatMap((event) => (event.type === type ? [event.step] : []));
}

/** Fails with the whole output of a run that should have ended otherwise. */
export function expectCode(finished: Finished, code: number): void {
  if (finished.code === code) return;
  const failures = finished.events.filter((event) => event.type === 'step-failed' || event.type === 'run-finished');
  throw new Error(
    `exit code ${finished.code} (signal ${finished.signal}), expected ${code}\n${finished.stderr}\n${JSON.stringify(failures, null, 1)}\n${finished.events.length > 0 ? '' : finished.stdout}`,
  );
}
