import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workplace, type Workplace } from '../helpers/run-factory.ts';

/** The recipe el6 as it is, but for its hosts: all of upstream is a port of this machine on which nobody listens. */
const NOWHERE = '127.0.0.1:9';
let place: Workplace;

beforeAll(async () => {
  place = await workplace(resolve(import.meta.dirname, '../../pipeline/recipes/el6'));
  const file = join(place.recipe, 'recipe.yaml');
  const yaml = (await readFile(file, 'utf8'))
    .replaceAll(/\b(https?|ftp):\/\/[a-z0-9.-]+\.(org|com)\//g, `http://${NOWHERE}/`)
    .replaceAll('docker.io/library/centos', `${NOWHERE}/library/centos`);
  expect(yaml).not.toMatch(/\/\/(vault|kb|ftp)\./);
  await writeFile(file, yaml);
});
afterAll(() => place[Symbol.asyncDispose]());

test('no upstream at all: one error with every address and its reason, the ways forward, nothing half-written', async () => {
  const started = Date.now();
  const run = await place.run(['build', '--only', 'kernels']);
  expect(run.code).toBe(3);
  expect(Date.now() - started).toBeLessThan(60_000);
  expect(run.stderr.match(/^error /gm)).toHaveLength(1);
  for (const part of [
    '/6.2/updates/Source/SPackages/kernel-2.6.32-220.23.1.el6.src.rpm',
    '/pub/redhat/linux/enterprise/6Server/en/os/SRPMS/kernel-2.6.32-220.23.1.el6.src.rpm',
    '/images/a/a5/Lvs-fullnat-synproxy.tar.gz',
    `${NOWHERE}/library/centos@sha256:`,
  ])
    expect(run.stderr).toContain(part);
  expect(run.stderr).toMatch(/connection refused/i);
  for (const way of ['--mirror DIR', '`bin/factory fetch`', '`urls`', 'docker load', 'rootfs', '--builder-image'])
    expect(run.stderr).toContain(way);
  const left = await readdir(place.artifacts, { recursive: true });
  expect(left.filter((path) => /\.part|src\.rpm|tar\.gz|repository\/./.test(path))).toEqual([]);
});
