import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { TimedEvent } from '../../pipeline/run/events.ts';
import type { StepRecord } from '../../pipeline/run/record.ts';
import { expectCode, workplace } from '../helpers/run-factory.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Key and outputs of every step that packages come from. */
function made(events: readonly TimedEvent[]): Record<string, unknown> {
  const records = events.flatMap((event): StepRecord[] =>
    event.type === 'step-made' && /^(assemble|rebuild)-srpm:/.test(event.step) ? [event.record] : [],
  );
  return Object.fromEntries(records.map(({ step, key, outputs }) => [step, { key, outputs }]));
}

/** The factory at another path, with the same dependencies. */
async function otherCheckout(path: string): Promise<string> {
  await mkdir(join(path, 'node_modules'), { recursive: true });
  for (const part of ['bin', 'pipeline', 'dockerfiles', 'patches', 'package.json', 'package-lock.json'])
    await cp(join(ROOT, part), join(path, part), { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (name !== '.cache') await symlink(join(ROOT, 'node_modules', name), join(path, 'node_modules', name));
  return join(path, 'bin/factory');
}

// Without ccache, and out of nothing but what was published: verify-rebuild.test.ts.
test('another checkout, artifacts directory, job count, umask, time zone and language: the same bytes', async () => {
  await using place = await workplace();
  const first = await place.run(['build', '--only', 'kernels', '--jobs', '2', '--json']);
  expectCode(first, 0);

  await using other = await workplace();
  const factory = await otherCheckout(join(other.dir, 'somewhere/else'));
  const env = { ...process.env, TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', LC_ALL: 'tr_TR.UTF-8', NO_COLOR: '1' };
  const again = await promisify(execFile)(
    'sh',
    ['-c', 'umask 077; exec "$@"', 'sh', factory, 'build', '--only', 'kernels', '--jobs', '1', '--json'].concat([
      '--recipe',
      other.recipe,
      '--artifacts',
      join(other.dir, 'results'),
    ]),
    { env, cwd: other.dir, maxBuffer: 64 * 1024 * 1024 },
  );
  const events = again.stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as TimedEvent);

  const expected = made(first.events);
  expect(Object.keys(expected).sort()).toEqual([
    'assemble-srpm:hello-backend',
    'assemble-srpm:hello-director',
    'rebuild-srpm:hello-backend',
    'rebuild-srpm:hello-director',
  ]);
  expect(made(events)).toEqual(expected);
});
