import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Finished, workplace, type Workplace } from '../helpers/run-factory.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../docs/examples/cluster.yaml');
let place: Workplace;
let lts: string;

beforeAll(async () => {
  place = await workplace();
  lts = join(place.dir, 'lts.yaml');
  await writeFile(lts, (await readFile(EXAMPLE, 'utf8')).replace('kind: el6', 'kind: lts'));
  await writeFile(join(place.dir, 'ospf.key'), 'test-key\n');
});
afterAll(() => place[Symbol.asyncDispose]());

const configure = (file: string, out: string, ...more: string[]): Promise<Finished> =>
  place.run(['configure', file, '--out', join(place.dir, out), ...more], { withoutNetwork: true });

test('the documented example becomes files, without network or engine; the second run changes nothing', async () => {
  const first = await configure(EXAMPLE, 'one');
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.stdout).toContain('cluster web (el6), 7 hosts');
  expect(first.stdout).toContain('director3    28                    1,695,008');
  expect(existsSync(join(place.dir, 'one/nginx4/etc/sysconfig/modules/toa.modules'))).toBe(true);
  const second = await configure(EXAMPLE, 'one', '--json');
  const report = JSON.parse(second.stdout) as { changed: string[]; unchanged: number; checked: null };
  expect(report).toMatchObject({ changed: [], removed: [], unchanged: 32, checked: null });
  expect((await configure(EXAMPLE, 'one')).stdout).toContain('no change: 32 files');
});

test('a mistake is told with its place, and nothing is written', async () => {
  const file = join(place.dir, 'wrong.yaml');
  await writeFile(file, (await readFile(lts, 'utf8')).replace('first: 10.0.2.96', 'first: 10.0.2.91'));
  const run = await configure(file, 'two');
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(
    /wrong\.yaml:\d+:20: directors\[1\]\.lips\.first: 10\.0\.2\.91 is a LIP of director1 already/,
  );
  expect(existsSync(join(place.dir, 'two'))).toBe(false);
});

test('--check says what it cannot check', async () => {
  const classic = await configure(EXAMPLE, 'three', '--check');
  expect(classic.code).toBe(2);
  expect(classic.stderr).toContain('not checkable: keepalived 1.2.2');
  expect(existsSync(join(place.dir, 'three'))).toBe(false);
  const unpublished = await configure(lts, 'three', '--check');
  expect(unpublished.code).toBe(2);
  expect(unpublished.stderr).toContain('nothing of recipe hello is published yet');
  expect(existsSync(join(place.dir, 'three/director1/etc/fullnat/snat.rules'))).toBe(true);
});

test('an option that does not exist is a usage error', async () => {
  const run = await configure(EXAMPLE, 'four', '--kind', 'el7');
  expect(run.code).toBe(2);
  expect(run.stderr).toContain('el6, lts');
});
