import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sweepTemporary, verifyStore } from '../../pipeline/store/index.ts';
import { spawnScript } from '../helpers/child.ts';
import { failureOfKind } from '../helpers/failure.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { makeStore } from '../unit/store/rig.ts';

const CHILD = join(import.meta.dirname, 'put-child.ts');

test('kill -9 in the middle of a put leaves a temporary file and no object', async () => {
  const root = tempDir();
  const child = spawnScript(CHILD, [root]);
  expect(await child.line()).toBe('ready');
  child.process.stdin.write(Buffer.alloc(300_000));
  while (bytesIn(join(root, 'v1/tmp')) === 0) await setImmediate();
  child.process.kill('SIGKILL');
  expect(await child.ended).toBe('SIGKILL');

  expect(await verifyStore(root)).toEqual({ ok: 0, corrupt: [] });
  expect(await sweepTemporary(root)).toHaveLength(1);
  expect(await makeStore(root).store.put(Buffer.from('next'))).toMatchObject({ size: 4 });
});

/** A kernel that lets us mount has a really full disk to offer; elsewhere the error comes out of the source. */
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

test.each(['an injected error', ...(canMount ? ['a tiny disk'] : [])])(
  'a full disk leaves no file (%s)',
  async (how) => {
    const { outcome, files } = how === 'a tiny disk' ? await putOnTinyDisk() : await putWithError();
    expect(outcome).toMatchObject({ kind: 'DiskFull', path: expect.stringContaining('/v1/tmp/') as string });
    expect(files).toEqual([]);
  },
);

async function putOnTinyDisk(): Promise<{ outcome: unknown; files: string[] }> {
  const root = tempDir();
  const mount = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"';
  const child = spawnScript(CHILD, [root], ['unshare', '-rm', 'sh', '-c', mount, root]);
  expect(await child.line()).toBe('ready');
  child.process.stdin.end(Buffer.alloc(1_000_000, 'z'));
  return JSON.parse(await child.line()) as { outcome: unknown; files: string[] };
}

async function putWithError(): Promise<{ outcome: unknown; files: string[] }> {
  const { store, names } = makeStore();
  const chunks = function* () {
    yield Buffer.alloc(1000);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  const outcome = await failureOfKind('DiskFull', store.put(Readable.from(chunks())));
  return { outcome, files: [...names('objects'), ...names('temporary')] };
}

function bytesIn(dir: string): number {
  try {
    return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  } catch {
    return 0;
  }
}
