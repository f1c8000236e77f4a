import { buildProgram } from './cli/program.ts';
import { printFailure } from './cli/print-failure.ts';
import type { World } from './cli/world.ts';
import { exitCodeOf, EXIT } from './run/exit-code.ts';
import { failureOf } from './run/failure.ts';

/**
 * The command line: argv, environment, signals and exit codes are read and set here and nowhere else. Commands are in
 * cli/, one file each.
 */
async function main(): Promise<number> {
  const abort = new AbortController();
  const world: World = {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: abort.signal,
    argv: process.argv.slice(2),
  };
  const stop = (): void => {
    // The second time somebody means it: leave at once, the next run cleans up.
    if (abort.signal.aborted) process.exit(EXIT.cancelled);
    abort.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // A reader that went away (`factory plan | head`) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  try {
    return await buildProgram(world);
  } catch (thrown) {
    const failure = failureOf(thrown);
    await printFailure(world, failure);
    return exitCodeOf(failure);
  }
}

process.exitCode = await main();
