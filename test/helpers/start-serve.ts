import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import type { Workplace } from './run-factory.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** `factory serve` on a free port of the loopback, stopped by Ctrl-C at the end of the scope. */
export async function startServe(place: Workplace): Promise<AsyncDisposable & { readonly url: string }> {
  const child = spawn(join(ROOT, 'bin/factory'), ['serve', '--port', '0', '--json', '--artifacts', place.artifacts], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    url: url.replace(/\/$/, ''),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const [code] = (await ended) as [number | null];
      if (code !== 0) throw new Error(`factory serve ended with ${String(code)}`);
    },
  };
}
