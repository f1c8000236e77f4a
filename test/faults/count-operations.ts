import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { FileHandle } from 'node:fs/promises';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** How many file operations this process has begun since `killAtOperation`. */
let count = 0;
export const operations = (): number => count;

/**
 * From now on every operation on files of this process is counted: functions of node:fs/promises, methods of open files, and
 * what streams of node:fs call. Instead of the n-th one the process kills itself; 0: never.
 */
export async function killAtOperation(n: number): Promise<void> {
  const counted = (original: AnyFunction): AnyFunction =>
    function (this: unknown, ...args: unknown[]) {
      count += 1;
      if (count === n) process.kill(process.pid, 'SIGKILL');
      return original.apply(this, args);
    };
  const patch = (object: object, names: readonly string[]): void => {
    const table = object as Record<string, unknown>;
    for (const name of names) {
      const original = table[name];
      if (typeof original === 'function') table[name] = counted(original as AnyFunction);
    }
  };
  const handle = await fs.promises.open(process.execPath, 'r');
  const methods = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  patch(methods, ['read', 'readFile', 'write', 'writeFile', 'sync', 'datasync', 'close', 'stat', 'truncate', 'chmod']);
  patch(fs.promises, Object.keys(fs.promises));
  patch(fs, ['open', 'read', 'write', 'writev', 'close', 'fsync']);
  syncBuiltinESMExports();
}
