import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RebuiltPackage } from '../../pipeline/report/rebuilt.ts';
import { EXIT } from '../../pipeline/run/exit-code.ts';
import { containersOf } from '../helpers/engine-objects.ts';
import { expectCode, type Finished, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';

/** `verify --rebuild`: equal when nothing changed, and with a changed compiler flag it names what differs. */
let place: Workplace;
beforeAll(async () => {
  place = await workplace();
  expectCode(await place.run(['publish', '--json']), 0);
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

function packagesIn({ stdout }: Finished): readonly RebuiltPackage[] {
  const line = stdout.split('\n').find((one) => one.startsWith('{"snapshot"')) ?? '{}';
  return (JSON.parse(line) as { packages?: RebuiltPackage[] }).packages ?? [];
}

test('everything again: other runs of the compiler, the same digests', async () => {
  const verified = await place.run(['verify', '--rebuild', '--json']);
  expectCode(verified, 0);
  expect(
    stepsOf(verified, 'step-started')
      .filter((id) => !id.startsWith('verify'))
      .sort(),
  ).toEqual([
    'assemble-srpm:hello-backend',
    'assemble-srpm:hello-director',
    'rebuild-srpm:hello-backend',
    'rebuild-srpm:hello-director',
  ]);
  const packages = packagesIn(verified);
  expect(packages.map(({ name, sameInputs }) => [name, sameInputs])).toEqual([
    ['hello-director', true],
    ['hello-backend', true],
  ]);
  for (const { files } of packages) {
    expect(files.map(({ path }) => path.replace(/\/.*/, ''))).toEqual(['RPMS', 'SRPMS']);
    for (const { published, rebuilt } of files) expect(rebuilt).toBe(published);
  }
});

test('another compiler flag: the files that differ are named, those that do not are not', async () => {
  const spec = join(place.recipe, 'hello.spec');
  const before = await readFile(spec, 'utf8');
  const changed = before.replace('gcc -O2 -c', 'gcc -O0 -c');
  expect(changed).not.toBe(before);
  await writeFile(spec, changed);
  const verified = await place.run(['verify', '--rebuild', 'hello-backend']);
  expectCode(verified, EXIT.verification);
  expect(verified.stdout).toMatch(/^hello-backend: 0 of 2 packages equal$/m);
  expect(verified.stdout).toContain('made with other inputs than the snapshot');
  expect(verified.stdout).toMatch(/^ +content +\/usr\/bin\/hello: \d+ bytes [0-9a-f]+ -> \d+ bytes [0-9a-f]+$/m);
  expect(verified.stdout).toMatch(/^ +content +hello\.spec: /m);
  expect(verified.stdout).not.toContain('/usr/share/hello/config');
  expect(verified.stdout).not.toContain('hello-director');
  expect(await containersOf(place.artifacts)).toEqual([]);

  await writeFile(spec, before);
  const again = await place.run(['publish', '--json']);
  expectCode(again, 0);
  // What was built to be compared did not replace what is published.
  expect(stepsOf(again, 'step-started')).toEqual([]);
});

test('another release: the packages are not there on the other side', async () => {
  const recipe = join(place.recipe, 'recipe.yaml');
  const before = await readFile(recipe, 'utf8');
  await writeFile(recipe, before.replace('buildid: .toa', 'buildid: .toa2'));
  const verified = await place.run(['verify', '--rebuild', 'hello-backend']);
  expectCode(verified, EXIT.verification);
  expect(verified.stdout).toMatch(/RPMS\/hello-1-1\.fn12\.toa\.x86_64\.rpm: was not built again/);
  expect(verified.stdout).toMatch(/RPMS\/hello-1-1\.fn12\.toa2\.x86_64\.rpm: is not in the snapshot/);
  await writeFile(recipe, before);
});

test('a package that is not there, and nothing published', async () => {
  const unknown = await place.run(['verify', '--rebuild', 'kernel']);
  expectCode(unknown, EXIT.usage);
  expect(unknown.stderr).toContain('hello-director, hello-backend');
  await using empty = await workplace();
  const nothing = await empty.run(['verify', '--rebuild']);
  expectCode(nothing, EXIT.usage);
  expect(nothing.stderr).toContain('nothing of recipe hello is published yet');
});
