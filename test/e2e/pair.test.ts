import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestSchema } from '../../pipeline/host/manifest/schema.ts';
import { checkRepository } from '../helpers/check-repository.ts';
import { expectCode, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';

/** A recipe with a pair, through the command line; the second test goes on from the first. */
let place: Workplace;
beforeAll(async () => {
  place = await workplace('pair');
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

const snapshots = (): Promise<string[]> => readdir(join(place.artifacts, 'repository/pair/snapshots'));

test('a pair that matches: the snapshot holds pair.json, and its manifest the id', async () => {
  expectCode(await place.run(['build', '--json', '--only', 'snapshot']), 0);
  const [id = ''] = await snapshots();
  const dir = join(place.artifacts, 'repository/pair/snapshots', id);
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(dir, name), 'utf8'));
  const pair = (await json('pair.json')) as { id: string; toaOption: number; checks: { ok: boolean }[] };
  expect(pair).toMatchObject({ schema: 1, recipe: 'pair', toaOption: 254, ok: true });
  expect(pair.id).toMatch(/^[0-9a-f]{16}$/);
  expect(pair.checks.every(({ ok }) => ok)).toBe(true);
  expect(await json('manifest.json')).toMatchObject({ pair: { id: pair.id, toaOption: 254 } });
  expect(await readFile(join(dir, 'SHA256SUMS'), 'utf8')).toMatch(/ {2}pair\.json$/m);
});

const repository = (...path: string[]): string => join(place.artifacts, 'repository/pair', ...path);

test('published with it: a signed manifest of each role, what it names, and the script for hosts', async () => {
  expectCode(await place.run(['publish', '--json']), 0);
  const [id = ''] = await snapshots();
  const install = (name = ''): string => repository('snapshots', id, 'install', name);
  const names = ['backend', 'director'].flatMap((role) => [`${role}.devices`, `${role}.json`, `${role}.json.asc`]);
  expect((await readdir(install())).sort()).toEqual([...names, 'files', 'install.sh', 'install.sh.asc']);
  const sums = await readFile(repository('snapshots', id, 'SHA256SUMS'), 'utf8');
  const digestOf = (path: string): string | undefined => new RegExp(`^([0-9a-f]{64})  ${path}$`, 'm').exec(sums)?.[1];
  const pair = JSON.parse(await readFile(repository('snapshots', id, 'pair.json'), 'utf8')) as { id: string };
  for (const role of ['director', 'backend']) {
    expect(digestOf(`install/${role}.json`)).toBeDefined();
    const text = await readFile(install(`${role}.json`), 'utf8');
    const manifest = manifestSchema.parse(JSON.parse(text));
    // The one form in which awk reads it.
    expect(text).toBe(`${JSON.stringify(manifest, null, 2)}\n`);
    const release = `1.0-1.fn12.${role}.x86_64`;
    expect(manifest).toMatchObject({ schema: 1, role, recipe: 'pair', pair: pair.id, kernel: { release } });
    for (const { file, sha256 } of [manifest.kernel.devices, ...manifest.packages]) expect(sha256).toBe(digestOf(file));
    expect(manifest.files).toEqual([
      expect.objectContaining({ path: '/etc/pair.conf', sha256: digestOf(manifest.files[0]?.source ?? '') }),
    ]);
    const devices = (await readFile(install(`${role}.devices`), 'utf8')).split('\n');
    expect(devices[0]).toBe(`devices 1 ${release}`);
    expect(devices).toContain('alias pci:v00001234d00005678sv*sd*bc*sc*i* toa');
    expect(devices.slice(-4)).toEqual([
      'alias pci:v00001234d00005678sv*sd*bc*sc*i* toa',
      'module ip_vs module',
      'module toa module',
      '',
    ]);
  }
  expect(await readdir(install('files'))).toHaveLength(1);
  expect(await readFile(repository('install.sh'))).toEqual(await readFile(install('install.sh')));
  expect((await readdir(repository())).filter((name) => name.startsWith('install'))).toEqual([
    'install.sh',
    'install.sh.asc',
  ]);
  const verified = await place.run(['verify', '--json']);
  expectCode(verified, 0);
  expect((await checked()).code).toBe(0);
});

test.each([
  [
    'a byte of a manifest',
    'install/director.json',
    (text: string) => text.replace('nohz=off', 'nohz=on '),
    /director\.json/,
  ],
  [
    'a byte of a list of devices',
    'install/backend.devices',
    (text: string) => text.replace('toa', 'tob'),
    /backend\.devices/,
  ],
  [
    'a byte of a signature',
    'install/director.json.asc',
    (text: string) => text.replace(/\n\n..../, '\n\nAAAA'),
    /director\.json\.asc/,
  ],
  ['a manifest without a signature', 'install/backend.json.asc', null, /backend\.json\.asc/],
  ['a script without a signature', 'install/install.sh.asc', null, /install\.sh\.asc/],
] as const)('%s: factory verify and a host that looks at everything refuse it', async (_name, path, change, says) => {
  const [id = ''] = await snapshots();
  const file = repository('snapshots', id, path);
  const before = await readFile(file, 'utf8');
  const after = change?.(before);
  expect(after).not.toBe(before);
  // Not the object in the store, of which it is a link.
  await rm(file);
  if (after !== undefined) await writeFile(file, after);
  const verified = await place.run(['verify']);
  const { code, output } = await checked();
  await rm(file, { force: true });
  await writeFile(file, before);
  await chmod(file, 0o444);
  expectCode(verified, 5);
  expect(verified.stdout + verified.stderr).toMatch(says);
  expect([15, 20], output).toContain(code);
  expect(output).toMatch(says);
});

/** As a host checks all of it, with the script that was published. */
const checked = (): ReturnType<typeof checkRepository> =>
  checkRepository(
    place.dir,
    ['--key', repository('RPM-GPG-KEY-factory'), '--state', join(place.dir, 'seen'), '--complete', repository()],
    { script: repository('check-repository.sh') },
  );

test('a module that the kernel does not have: nothing is published', async () => {
  const file = join(place.recipe, 'recipe.yaml');
  const yaml = await readFile(file, 'utf8');
  await writeFile(file, yaml.replace('{ name: toa, reason', '{ name: tao, reason'));
  const run = await place.run(['build', '--json', '--only', 'snapshot']);
  expectCode(run, 5);
  expect(run.events.flatMap((event) => (event.type === 'step-failed' ? [event.failure] : []))).toEqual([
    {
      kind: 'ChecksFailed',
      step: 'install-manifest:backend',
      checks: [{ id: 'module tao', want: 'a module of the kernel', got: 'the kernel has no such module' }],
    },
  ]);
  await writeFile(file, yaml);
});

test('another number in the backend: exit code 5, and no snapshot of it', async () => {
  const before = await snapshots();
  const file = join(place.recipe, 'recipe.yaml');
  const [start, director, backend, ...rest] = (await readFile(file, 'utf8')).split("with: '%define toa_option 254'");
  expect(rest).toEqual([]);
  await writeFile(file, `${start}with: '%define toa_option 254'${director}with: '%define toa_option 200'${backend}`);
  const run = await place.run(['publish', '--json']);
  expectCode(run, 5);
  const failures = run.events.flatMap((event) => (event.type === 'step-failed' ? [event.failure] : []));
  expect(failures).toEqual([
    {
      kind: 'PairMismatch',
      step: 'verify-pair',
      checks: [{ id: 'toa-option', got: 'director 254, backend 200', want: 'the same number in both' }],
    },
  ]);
  expect(stepsOf(run, 'step-started')).not.toContain('snapshot');
  expect(await snapshots()).toEqual(before);
});
