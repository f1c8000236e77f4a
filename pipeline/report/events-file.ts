import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter } from '../run/events.ts';
import { namedDiskFull } from '../store/durable.ts';
import { EVENTS_HEADER, eventJson } from './jsonl.ts';

/**
 * Writes `events.jsonl` into the run's directory, which it makes when absent; throws when it cannot. Without `log` events:
 * those are in the steps' log files. Written synchronously, so that after a kill the file ends with the last thing that
 * happened.
 *
 * A write that fails later (disk full) does not disturb the run; nothing more is written, and `close` rejects with it.
 */
export function createEventsFile(runDir: string): Reporter {
  const path = join(runDir, 'events.jsonl');
  mkdirSync(runDir, { recursive: true });
  const fd = openSync(path, 'wx', 0o644);
  let closed = false;
  let broken: { readonly error: Error } | undefined;

  function attempt(action: () => void): void {
    if (broken !== undefined || closed) return;
    try {
      action();
    } catch (thrown) {
      const error = namedDiskFull(thrown, path);
      broken = { error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  attempt(() => void writeSync(fd, EVENTS_HEADER));
  return {
    on(event) {
      if (event.type !== 'log') attempt(() => void writeSync(fd, eventJson(event)));
    },
    close() {
      attempt(() => fsyncSync(fd));
      if (!closed) closeSync(fd);
      closed = true;
      return broken === undefined ? Promise.resolve() : Promise.reject(broken.error);
    },
  };
}
