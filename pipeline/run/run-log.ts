import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { namedDiskFull } from '../store/durable.ts';
import { safeName } from './safe-name.ts';

/** The log file of one attempt at a step. */
export interface LogSink {
  /** Relative to the artifacts directory, forward slashes. */
  readonly path: string;
  /** Never throws; what went wrong comes out of `close`. */
  write(stream: 'stdout' | 'stderr', line: string): void;
  /** Returns the number of lines written; 0 means that there is no file. Failures: DiskFull. */
  close(): Promise<number>;
}

/**
 * Logs of a run: `<artifacts>/runs/<runId>/logs/<step>.log`, a line as it came. The file is made with the first line; a
 * second attempt appends.
 */
export async function createRunLogs(artifacts: string, runId: string): Promise<(stepId: string) => LogSink> {
  const logs = posix.join('runs', runId, 'logs');
  await mkdir(join(artifacts, logs), { recursive: true });
  return (stepId) => {
    const path = posix.join(logs, `${safeName(stepId)}.log`);
    return createLogFile(join(artifacts, path), path);
  };
}

function createLogFile(file: string, path: string): LogSink {
  let lines = 0;
  let output: WriteStream | undefined;
  let failed: Error | undefined;
  return {
    path,
    write(_stream, line) {
      output ??= createWriteStream(file, { flags: 'a' }).on('error', (error) => (failed ??= error));
      lines += 1;
      output.write(`${line}\n`);
    },
    async close() {
      if (output !== undefined) await endOf(output);
      if (failed !== undefined) throw namedDiskFull(failed, file);
      return lines;
    },
  };
}

/** `close` comes after the last write as well as after an error. */
function endOf(output: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (output.closed) resolve();
    else output.once('close', () => resolve()).end();
  });
}
