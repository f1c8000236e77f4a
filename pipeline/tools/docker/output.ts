import type { Duplex } from 'node:stream';
import { Demuxer } from './demux.ts';
import { LineSplitter } from './lines.ts';
import { Tail } from './tail.ts';

/** The output of a container as it comes in. */
export interface Output {
  /** Settles when the last line was handed on: with the error that ended the stream, if there was one. */
  readonly ended: Promise<Error | undefined>;
  /** Hands on what came so far, and nothing more from now on. */
  close(): void;
  tail(): readonly string[];
}

/** Starts to read attached output. `touch` is called for every piece, also for one without a newline. */
export function readOutput(
  attached: Duplex,
  onLine: (stream: 'stdout' | 'stderr', line: string) => void,
  touch: () => void,
): Output {
  const tail = new Tail();
  const splitter = (stream: 'stdout' | 'stderr'): LineSplitter =>
    new LineSplitter((line) => {
      tail.push(line);
      onLine(stream, line);
    });
  const stdout = splitter('stdout');
  const stderr = splitter('stderr');
  const demuxer = new Demuxer(
    (chunk) => stdout.push(chunk),
    (chunk) => stderr.push(chunk),
  );
  const ended = new Promise<Error | undefined>((resolve) => {
    let failed: Error | undefined;
    attached.on('data', (chunk: Buffer) => {
      touch();
      try {
        demuxer.push(chunk);
      } catch (error) {
        attached.destroy(error as Error);
      }
    });
    attached.on('error', (error) => (failed = error));
    const finish = (): void => {
      stdout.end();
      stderr.end();
      resolve(failed ?? (demuxer.complete ? undefined : new Error('the stream ended inside a frame')));
    };
    // `close` alone would wait for input that the command did not read; `end` does not come when the connection breaks.
    attached.once('end', finish);
    attached.once('close', finish);
  });
  return { ended, close: () => attached.destroy(), tail: () => tail.lines() };
}
