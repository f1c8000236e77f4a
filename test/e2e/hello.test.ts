import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { objectPath, layoutOf } from '../../pipeline/store/layout.ts';
import { asSha256 } from '../../pipeline/plan/artifact.ts';
import type { StepRecord } from '../../pipeline/run/record.ts';
import { containersCreatedDuring, containersOf } from '../helpers/engine-objects.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { startServe } from '../helpers/start-serve.ts';
import { expectCode, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';

/** The whole chain on the small recipe, through the command line and a real engine; each test goes on from the one before. */
let place: Workplace;
let records: StepRecord[] = [];
beforeAll(async () => {
  place = await workplace();
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

async function snapshotDir(): Promise<{ id: string; dir: string }> {
  const root = join(place.artifacts, 'repository/hello');
  const id = (await readFile(join(root, 'current'), 'utf8')).trim();
  return { id, dir: join(root, 'snapshots', id) };
}

test('from nothing to a signed, installed, published repository', async () => {
  const first = await place.run(['publish', '--json']);
  expectCode(first, 0);
  records = first.events.flatMap((event) => (event.type === 'step-made' ? [event.record] : []));
  const { id, dir } = await snapshotDir();
  expect(id).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/);
  expect(await readdir(join(dir, 'RPMS'))).toEqual([
    expect.stringMatching(/^hello-.*\.ipvs_20bit\..*\.rpm$/),
    expect.stringMatching(/^hello-.*\.toa\..*\.rpm$/),
  ]);
  expect(await readdir(join(dir, 'repodata'))).toEqual(expect.arrayContaining(['repomd.xml', 'repomd.xml.asc']));
  expect((await readdir(join(dir, 'evidence'))).sort()).toEqual([
    'verify-install-backend.json',
    'verify-install-director.json',
  ]);
  const evidence = JSON.parse(await readFile(join(dir, 'evidence/verify-install-director.json'), 'utf8')) as {
    checks: { ok: boolean }[];
  };
  expect(evidence.checks.length).toBeGreaterThan(3);
  expect(evidence.checks.every(({ ok }) => ok)).toBe(true);
  expect(await readFile(join(place.artifacts, 'repository/hello/mirrorlist'), 'utf8')).toContain(`/snapshots/${id}/`);
  expect(await containersOf(place.artifacts)).toEqual([]);
});

test('again: every step cached and no container', async () => {
  let second;
  const created = await containersCreatedDuring(place.artifacts, async () => {
    second = await place.run(['publish', '--json']);
    expectCode(second, 0);
    expect(stepsOf(second, 'step-started')).toEqual([]);
    expect(stepsOf(second, 'step-cached').length).toBeGreaterThan(10);
  });
  expect(created).toBe(0);
});

test('a host installs over HTTP through the .repo file and the pointer, and no update later takes the other role', async () => {
  const image = records
    .flatMap(({ outputs }) => outputs)
    .find(({ name, kind }) => kind === 'image' && name === 'debian-target');
  if (image?.engineId === undefined) throw new Error('no target image in the records');
  await using server = await startServe(place);
  const script = [
    'set -e',
    'mkdir -p /etc/yum.repos.d',
    `python3 -c "import urllib.request as u; print(u.urlopen('${server.url}/hello/fullnat-hello.repo').read().decode())" >/etc/yum.repos.d/hello.repo`,
    // Both packages are called hello, as both kernels are called kernel, and .toa sorts last.
    "dnf -y --setopt=skip_if_unavailable=0 --enablerepo=fullnat-hello install 'hello-*ipvs_*'",
    'hello',
    'dnf -y upgrade 2>&1 | grep "no enabled repositories"',
    'hello',
    'dnf -y --enablerepo=fullnat-hello upgrade',
    'hello',
  ].join('\n');
  const { stdout } = await promisify(execFile)('docker', [
    ...['run', '--rm', '--network', 'host', '--user', '0', image.engineId, '/bin/bash', '-c', script],
  ]);
  expect(
    [...stdout.matchAll(/^hello[, ]+(?:director|backend): .*\.fn12\.(toa|ipvs)/gm)].map(([, build]) => build),
  ).toEqual(['ipvs', 'ipvs', 'toa']);
});

test('plan and build work with --offline once everything is there', async () => {
  const plan = await place.run(['plan', '--json', '--offline']);
  expectCode(plan, 0);
  const { steps } = JSON.parse(plan.stdout) as { steps: { state: string }[] };
  expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(['cached']));
  expectCode(await place.run(['build', '--offline']), 0);
});

test('the store and the published snapshot verify', async () => {
  const verified = await place.run(['verify', '--json']);
  expectCode(verified, 0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ store: { corrupt: [] }, snapshots: [{ problems: [] }] });
});

test('a changed config value re-runs only what depends on it, and explain names it', async () => {
  const file = join(place.recipe, 'recipe.yaml');
  const yaml = await readFile(file, 'utf8');
  const changed = yaml.replace('CONFIG_HELLO_BITS: 20', 'CONFIG_HELLO_BITS: 21');
  expect(changed).not.toBe(yaml);
  await writeFile(file, changed);
  const explained = await place.run(['explain']);
  expectCode(explained, 0);
  expect(explained.stdout).toContain('CONFIG_HELLO_BITS: 20 -> 21');
  const built = await place.run(['build', '--json', '--only', 'kernels']);
  expectCode(built, 0);
  expect(stepsOf(built, 'step-started')).toEqual(['assemble-srpm:hello-director', 'rebuild-srpm:hello-director']);
  await writeFile(file, yaml);
  const back = await place.run(['build', '--json', '--only', 'kernels']);
  expectCode(back, 0);
  expect(stepsOf(back, 'step-started')).toEqual([]);
});

test('a touched patch re-runs only what it is part of, and explain names it', async () => {
  const dir = join(place.recipe, 'patches/hello-director');
  const name = (await readdir(dir)).find((file) => file.endsWith('.patch')) ?? '';
  const patch = await readFile(join(dir, name), 'utf8');
  await writeFile(join(dir, name), patch.replace(/^Reason: /m, 'Reason: still, '));
  const explained = await place.run(['explain', '--json']);
  const steps = JSON.parse(explained.stdout) as { id: string; reasons: string[] }[];
  expect(steps.find(({ id }) => id === 'assemble-srpm:hello-director')?.reasons).toEqual([`patch ${name} changed`]);
  const built = await place.run(['build', '--json', '--only', 'kernels']);
  expectCode(built, 0);
  expect(stepsOf(built, 'step-started')).toEqual(['assemble-srpm:hello-director', 'rebuild-srpm:hello-director']);
  await writeFile(join(dir, name), patch);
});

test('a flipped byte in the store is never used: the object is made again', async () => {
  const first = await place.run(['build', '--json', '--only', 'kernels']);
  expectCode(first, 0);
  const made = first.events.flatMap((event) => (event.type === 'step-cached' ? [event.record] : []));
  const srpm = made
    .flatMap(({ outputs }) => outputs)
    .find(({ kind, name }) => kind === 'srpm' && name.includes('.toa'));
  const rpm = made.flatMap(({ outputs }) => outputs).find(({ kind, name }) => kind === 'rpm' && name.includes('.toa'));
  if (srpm === undefined || rpm === undefined) throw new Error('no SRPM or RPM of the backend in the records');
  const layout = layoutOf(join(place.artifacts, 'store'));
  await flipByte(objectPath(layout, asSha256(srpm.digest)));
  // The RPM is taken away, so that the rebuild needs the damaged SRPM.
  await flipByte(objectPath(layout, asSha256(rpm.digest)), 'remove');

  const second = await place.run(['build', '--json', '--only', 'kernels']);
  expectCode(second, 0);
  expect(stepsOf(second, 'step-made')).toEqual(
    expect.arrayContaining(['assemble-srpm:hello-backend', 'rebuild-srpm:hello-backend']),
  );
  const again = second.events.flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []));
  expect(again.find(({ name }) => name === rpm.name)?.digest).toBe(rpm.digest);
  expect(await readdir(join(place.artifacts, 'store/v1/corrupt'))).toHaveLength(1);
});

test('factory shell opens the container of a step with its inputs', async () => {
  const shell = await place.run(['shell', 'rebuild-srpm:hello-director', 'ls', '/in/srpm', '/step']);
  expectCode(shell, 0);
  expect(shell.stdout).toMatch(/hello-.*\.src\.rpm/);
  expect(shell.stdout).toContain('rebuild-srpm.sh');
  expect(await containersOf(place.artifacts)).toEqual([]);
});

test('prune keeps what the latest results need', async () => {
  expectCode(await place.run(['prune', '--keep-runs', '1']), 0);
  expect(await readdir(join(place.artifacts, 'runs'))).toHaveLength(1);
  const built = await place.run(['build', '--json']);
  expectCode(built, 0);
});
