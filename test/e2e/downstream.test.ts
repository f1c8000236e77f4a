import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patchText, recipeYaml } from '../unit/recipe/overlay.ts';
import { expectCode, type Finished, runFactory, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';

/** Recipes of one's own that extend hello, beside it; hello is built once, before all. */
let place: Workplace;

beforeAll(async () => {
  place = await workplace();
  expectCode(await place.run(['build', '--only', 'kernels']), 0);
});
afterAll(() => place[Symbol.asyncDispose]());

/** Writes files below the parent of hello's folder. */
async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(place.dir, name)), { recursive: true });
    await writeFile(join(place.dir, name), text);
  }
}

const factory = (args: readonly string[], recipe: string, env: Readonly<Record<string, string>> = {}) =>
  runFactory([...args, '--recipe', join(place.dir, recipe), '--artifacts', place.artifacts], { env });

const director = (yaml: string) => `packages:\n  hello-director:\n${yaml.replace(/^(?=.)/gm, '    ')}`;

/** The second line of hello.c becomes a comment. */
const COMMENT = ['@@ -1,3 +1,4 @@', ' #include <stdio.h>', '+/* acme */', ' ', ' int main(void)', ''].join('\n');
const patched = (hunk: string) => patchText('hello: a comment').replace(/@@[^]*$/, hunk);
const ours = (hunk: string) => ({
  'acme/patches/hello-director/series': '0002-comment.patch\n',
  'acme/patches/hello-director/0002-comment.patch': patched(hunk),
});

describe('a recipe that extends another one', () => {
  test('and says nothing builds nothing', async () => {
    await write({ 'same/recipe.yaml': recipeYaml('same', '../hello', '') });
    const plan = await factory(['plan', '--only', 'kernels'], 'same');
    expect(plan.stdout).toMatch(/^Differs from hello: in nothing but its name\n\n/);
    const built = await factory(['build', '--json', '--only', 'kernels'], 'same');
    expectCode(built, 0);
    expect(stepsOf(built, 'step-started')).toEqual([]);
    expect(stepsOf(built, 'step-cached')).toContain('rebuild-srpm:hello-director');
  });

  test('with a value and a patch builds what differs, and publishes under its own name what it extends', async () => {
    await write({
      'acme/recipe.yaml': recipeYaml(
        'acme',
        '../hello',
        director('config: { set: { CONFIG_HELLO_BITS: 21 } }\n') +
          'roles:\n  director:\n    checks:\n      - { id: says, expected: "hello, director: 21 bits, {release}" }\n',
      ),
      ...ours(COMMENT),
    });
    const plan = await factory(['plan'], 'acme');
    expect(plan.stdout.split('\n\n')[0]).toBe(
      [
        'Differs from hello:',
        '  hello-director: config CONFIG_HELLO_BITS: 20 -> 21',
        '  hello-director: patch 0002-comment.patch added: hello: a comment',
        '  roles.director.checks.says.expected: hello, director: 20 bits, {release} -> hello, director: 21 bits, {release}',
        'Built anew because of it: hello-director',
        'Built as in hello: hello-backend',
      ].join('\n'),
    );
    const built = await factory(['publish', '--json'], 'acme');
    expectCode(built, 0);
    const started = stepsOf(built, 'step-started');
    expect(
      started.filter((step) => /^(fetch|base|builder|assemble|rebuild)/.test(step) && !step.includes('target')),
    ).toEqual(['assemble-srpm:hello-director', 'rebuild-srpm:hello-director']);
    const root = join(place.artifacts, 'repository/acme');
    const snapshot = join(root, 'snapshots', (await readFile(join(root, 'current'), 'utf8')).trim());
    const json = async (name: string) => JSON.parse(await readFile(join(snapshot, name), 'utf8')) as unknown;
    const extended = [{ recipe: 'hello', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }];
    expect(await json('manifest.json')).toMatchObject({ recipe: 'acme', extends: extended });
    expect(await json('provenance.json')).toMatchObject({
      predicate: { buildDefinition: { externalParameters: { recipe: 'acme', extends: extended } } },
    });
    const rebuilt = await factory(['verify', '--rebuild', '--only', 'hello-director'], 'acme');
    expectCode(rebuilt, 0);
  });

  test('that extends it in turn: a chain; --patches takes the place of its own patches only', async () => {
    await write({
      'site/recipe.yaml': recipeYaml('site', '../acme', director('treeMiB: 65\n')),
      'more/hello-director/series': '0003-more.patch\n',
      'more/hello-director/0003-more.patch': patched(
        COMMENT.replace('acme', 'site').replace(
          '@@ -1,3 +1,4 @@\n #include <stdio.h>\n',
          '@@ -1,4 +1,5 @@\n #include <stdio.h>\n /* acme */\n',
        ),
      ),
    });
    const plan = await factory(['plan', '--json', '--patches', join(place.dir, 'more')], 'site');
    const { recipe, differs } = JSON.parse(plan.stdout) as { recipe: string; differs: Record<string, unknown> };
    expect(recipe).toBe('site');
    expect(differs).toEqual({
      base: 'acme',
      differences: [
        {
          what: 'patch',
          package: 'hello-director',
          change: 'added',
          file: '0003-more.patch',
          subject: 'hello: a comment',
        },
        { what: 'value', path: 'packages.hello-director.treeBytes', before: 64 * 1024 * 1024, now: 65 * 1024 * 1024 },
      ],
      packages: { built: ['hello-director'], maybe: [], same: ['hello-backend'] },
    });
  });
});

describe('what is wrong is told at its place', () => {
  test.each([
    [
      'a misspelt package',
      director('treeMiB: 65\n').replace('director', 'directr'),
      /acme\/recipe\.yaml:5:3: .*did you mean "hello-director"\?/,
    ],
    ['a bad value', director('treeMiB: -1\n'), /acme\/recipe\.yaml:6:14: /],
    ['a value of hello that does not fit any more', director('produces: [bye]\n'), /hello\/recipe\.yaml:82:41: /],
    ['a key that must be there', director('spec: null\n'), /acme\/recipe\.yaml:6:5: .*missing key "spec"/],
    ['a path that leaves the folder', director('files: [../hello/hello.c]\n'), /acme\/recipe\.yaml:6:13: /],
  ])('%s', async (_, yaml, words) => {
    await write({ 'acme/recipe.yaml': recipeYaml('acme', '../hello', yaml) });
    await fails('acme', words);
  });

  test('no such recipe, and a loop', async () => {
    await write({ 'acme/recipe.yaml': recipeYaml('acme', 'helo', '') });
    await fails('acme', /acme\/recipe\.yaml:3:10: extends: unknown recipe "helo"; there are: el6, lts/);
    await write({
      'acme/recipe.yaml': recipeYaml('acme', '../site', ''),
      'site/recipe.yaml': recipeYaml('site', '../acme', ''),
    });
    await fails('acme', /site\/recipe\.yaml:3:10: extends: a loop: acme -> site -> acme/);
  });

  test('a patch that does not apply, and a value that does not survive: at the line of whoever wrote it', async () => {
    const value = 'config: { strongest: config-generic, override: { CONFIG_ACME: 7 } }\n';
    const drop =
      "edits:\n  - { op: replace, file: hello.spec, line: 'cp config-generic .config', with: 'grep -v ACME config-generic >.config' }\n";
    await write({
      'acme/recipe.yaml': recipeYaml('acme', '../hello', director(value + drop)),
      ...ours(COMMENT.replace('stdio', 'stdlib')),
    });
    const rejected = await annotated('acme');
    expect(rejected.code).toBe(4);
    const patch = 'acme/patches/hello-director/0002-comment.patch';
    expect(rejected.stdout).toMatch(
      new RegExp(`^::error title=rebuild-srpm%3Ahello-director,file=${patch},line=\\d+`, 'm'),
    );
    expect(rejected.stdout).toContain('patch 0002-comment.patch does not apply to hello.c');
    await write(ours(COMMENT));
    const dropped = await annotated('acme');
    expect(dropped.code).toBe(4);
    expect(dropped.stdout).toMatch(
      /^::error title=rebuild-srpm%3Ahello-director,file=acme\/recipe\.yaml,line=6.*::CONFIG_ACME is missing in the final configuration, not 7$/m,
    );
  });
});

/** As a job of Actions in a repository that has the recipes: annotations are on standard output. */
async function annotated(recipe: string): Promise<Finished> {
  const files = { GITHUB_OUTPUT: join(place.dir, 'output'), GITHUB_STEP_SUMMARY: join(place.dir, 'summary.md') };
  for (const file of Object.values(files)) await writeFile(file, '');
  const env = { ...files, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: place.dir };
  return factory(['build', '--only', 'hello-director'], recipe, env);
}

async function fails(recipe: string, words: RegExp): Promise<void> {
  const run = await factory(['plan'], recipe);
  expect([run.code, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toMatch(words);
}
