import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RebuiltPackage } from '../../pipeline/report/rebuilt.ts';
import { EXIT } from '../../pipeline/run/exit-code.ts';
import { containersOf } from '../helpers/engine-objects.ts';
import { expectCode, type Finished, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';

/**
 * `verify --rebuild`: the provenance decides what is built, whatever the checkout says by now; with `--from checkout` a changed
 * compiler flag is found, and named.
 */
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

test('another compiler flag in the checkout: it decides nothing, and --from checkout names the files that differ', async () => {
  const spec = join(place.recipe, 'hello.spec');
  const before = await readFile(spec, 'utf8');
  const changed = before.replace('gcc -O2 -c', 'gcc -O0 -c');
  expect(changed).not.toBe(before);
  await writeFile(spec, changed);
  const told = await place.run(['verify', '--rebuild', 'hello-backend']);
  expectCode(told, 0);
  expect(told.stdout).toMatch(/built again from its provenance: 2 packages, every digest as built$/m);
  const verified = await place.run(['verify', '--rebuild', 'hello-backend', '--from', 'checkout']);
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
  const verified = await place.run(['verify', '--rebuild', 'hello-backend', '--from', 'checkout']);
  expectCode(verified, EXIT.verification);
  expect(verified.stdout).toMatch(/RPMS\/hello-1-1\.fn12\.toa\.x86_64\.rpm: was not built again/);
  expect(verified.stdout).toMatch(/RPMS\/hello-1-1\.fn12\.toa2\.x86_64\.rpm: is not in the snapshot/);
  await writeFile(recipe, before);
});

test('an earlier snapshot, out of the published directory alone: no store, no ledger, another recipe by now', async () => {
  await using other = await workplace();
  await cp(join(place.artifacts, 'repository'), join(other.artifacts, 'repository'), { recursive: true });
  const [first] = await readdir(join(other.artifacts, 'repository/hello/snapshots'));
  const spec = join(other.recipe, 'hello.spec');
  await writeFile(spec, (await readFile(spec, 'utf8')).replace('gcc -O2 -c', 'gcc -O0 -c'));
  expectCode(await other.run(['publish', '--json']), 0);
  const verified = await other.run(['verify', '--rebuild', 'hello-director', '--snapshot', first ?? '', '--json']);
  expectCode(verified, 0);
  const [director] = packagesIn(verified);
  expect(director?.sameInputs).toBe(true);
  for (const { published, rebuilt } of director?.files ?? []) expect(rebuilt).toBe(published);
  const now = await other.run([
    'verify',
    '--rebuild',
    'hello-director',
    '--snapshot',
    first ?? '',
    '--from',
    'checkout',
  ]);
  expectCode(now, EXIT.verification);
  expect(now.stdout).toMatch(/^ +content +hello\.spec: /m);
  // What was built and fetched again is nobody's latest result: the next publish finds all of it as it was.
  expect(stepsOf(await other.run(['publish', '--json']), 'step-started')).toEqual([]);
});

test('a package that is not there, and nothing published', async () => {
  const unknown = await place.run(['verify', '--rebuild', 'kernel']);
  expectCode(unknown, EXIT.usage);
  expect(unknown.stderr).toContain('hello-director, hello-backend');
  expectCode(await place.run(['verify', '--from', 'checkout']), EXIT.usage);
  expectCode(await place.run(['verify', '--rebuild', '--snapshot', '20200101T000000Z-000000000000']), EXIT.usage);
  await using empty = await workplace();
  const nothing = await empty.run(['verify', '--rebuild']);
  expectCode(nothing, EXIT.usage);
  expect(nothing.stderr).toContain('nothing of recipe hello is published yet');
});
