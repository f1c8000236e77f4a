import { describe, expect, test } from 'vitest';
import { overlay, patchText, recipeYaml } from './overlay.ts';

const ON_DIRECTOR = 'packages:\n  hello-director:\n';

describe('a recipe that extends another one', () => {
  test('says nothing: all is as there, but for its name', async () => {
    using acme = await overlay('');
    const { recipe, base } = await acme.read();
    expect(base?.recipe.name).toBe('hello');
    expect({ ...recipe, name: 'hello', extends: [] }).toEqual(base?.recipe);
    expect(recipe.extends).toEqual([{ recipe: 'hello', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }]);
  });

  test('maps merge, scalars replace, null takes away', async () => {
    const yaml = `${ON_DIRECTOR}    objects: null\n    treeMiB: 128\n    config:\n      set: { CONFIG_HELLO_BITS: 21 }\n`;
    using acme = await overlay(yaml);
    const [director, backend] = (await acme.read()).recipe.packages;
    expect(director).toMatchObject({ objects: null, treeBytes: 128 * 1024 * 1024, ccache: 'hello' });
    expect(director!.config!.values).toEqual({ CONFIG_HELLO: 'y', CONFIG_HELLO_BITS: '21' });
    expect(backend).toMatchObject({ objects: 1, treeBytes: 64 * 1024 * 1024 });
  });

  test('edits and files go behind, checks by their id, other lists replace', async () => {
    const edit = '      - { op: replace, file: hello.spec, line: a, with: b }\n';
    const checks =
      'roles:\n  backend:\n    checks:\n      - { id: says, expected: bye }\n      - { id: new, kind: file, argument: /x }\n';
    const yaml = `${ON_DIRECTOR}    files: [notes]\n    produces: [other]\n    edits:\n${edit}${checks}  director:\n    packages: [{ package: hello-backend, rpm: hello }]\n`;
    using acme = await overlay(yaml, { 'acme/notes': 'n\n' });
    const { packages, roles } = (await acme.read()).recipe;
    expect(packages[0]!.edits.map(({ line }) => line)).toEqual(['%define greeting nobody', 'a']);
    expect(packages[0]!.files.map(({ path }) => path)).toEqual(['hello.spec', 'config-generic', 'notes']);
    expect(packages[0]!.produces).toEqual(['other']);
    expect(roles[1]!.checks).toEqual([
      { id: 'says', kind: 'command', argument: 'hello', expected: 'bye' },
      expect.objectContaining({ id: 'config' }),
      { id: 'new', kind: 'file', argument: '/x', expected: 'exists' },
    ]);
    expect(roles[0]!.packages).toEqual([{ package: 'hello-backend', rpm: 'hello' }]);
  });

  test('a source of another kind is another source', async () => {
    const yaml = 'sources:\n  hello: { kind: http, urls: ["http://a.example/hello.c"], file: hello.c }\n';
    using acme = await overlay(yaml);
    expect((await acme.read()).recipe.sources).toEqual([expect.objectContaining({ kind: 'http', file: 'hello.c' })]);
  });

  test('a file of its own hides the one of the same name; others come from there', async () => {
    using acme = await overlay('', { 'acme/config-generic': 'CONFIG_HELLO_BITS=12\n' });
    const { recipe, base } = await acme.read();
    const files = [recipe, base!.recipe].map(({ packages }) => packages[0]!.files);
    expect(files[0]!.map(({ root, path }) => `${root}:${path}`)).toEqual([
      'recipe:hello.spec',
      'recipe:config-generic',
    ]);
    expect(files[0]![0]).toEqual(files[1]![0]);
    expect(files[0]![1]!.sha256).not.toBe(files[1]![1]!.sha256);
  });

  test('a chain of two', async () => {
    using acme = await overlay(`${ON_DIRECTOR}    treeMiB: 100\n`, {
      'site/recipe.yaml': recipeYaml('site', '../acme/recipe.yaml', 'dist: .site\n'),
      'site/patches/hello-director/series': '0003-c.patch\n',
      'site/patches/hello-director/0003-c.patch': patchText('c'),
      'acme/patches/hello-director/series': '0002-b.patch\n',
      'acme/patches/hello-director/0002-b.patch': patchText('b'),
    });
    const { recipe } = await acme.read('site');
    expect(recipe).toMatchObject({ name: 'site', dist: '.site', extends: [{ recipe: 'acme' }, { recipe: 'hello' }] });
    expect(recipe.packages[0]!.treeBytes).toBe(100 * 1024 * 1024);
    expect(recipe.packages[0]!.patches!.files.map(({ path }) => path.replace(/.*\//, ''))).toEqual([
      '0001-a-comma.patch',
      '0002-b.patch',
      '0003-c.patch',
    ]);
  });

  test("a patch of the same name takes the place of the other's", async () => {
    using acme = await overlay('', {
      'acme/patches/hello-director/series': '0002-b.patch\n0001-a-comma.patch\n',
      'acme/patches/hello-director/0001-a-comma.patch': patchText('ours'),
      'acme/patches/hello-director/0002-b.patch': patchText('b'),
    });
    const { recipe, base } = await acme.read();
    const [ours, theirs] = [recipe, base!.recipe].map(({ packages }) => packages[0]!.patches!.files);
    expect(ours!.map(({ path }) => path.replace(/.*\//, ''))).toEqual(['0001-a-comma.patch', '0002-b.patch']);
    expect(ours![0]!.sha256).not.toBe(theirs![0]!.sha256);
  });
});

describe('problems of a recipe that extends another one are told where the value stands', () => {
  test.each([
    [
      'a bad value of its own',
      `${ON_DIRECTOR}    treeMiB: many\n`,
      ['acme/recipe.yaml:6:14 packages.hello-director.treeMiB: must be a number, not string "many"'],
    ],
    [
      'a value of the other that does not fit any more',
      `${ON_DIRECTOR}    produces: [bonjour]\n`,
      [
        'hello/recipe.yaml:82:41 roles.director.packages[0].rpm: package hello-director does not produce "hello", only: bonjour',
      ],
    ],
    [
      'a misspelt package',
      'packages:\n  hello-directr:\n    treeMiB: 100\n',
      [
        'acme/recipe.yaml:5:3 packages.hello-directr: hello has no package "hello-directr" to change, and for a new one this lacks group, spec, produces; hello has: hello-director, hello-backend; did you mean "hello-director"?',
      ],
    ],
    [
      'a misspelt key',
      `${ON_DIRECTOR}    treeMib: 100\n`,
      [
        expect.stringMatching(
          /^acme\/recipe\.yaml:6:5 packages\.hello-director\.treeMib: unknown key .*did you mean "treeMiB"\?$/,
        ) as string,
      ],
    ],
    [
      'a key that must be there, taken away',
      `${ON_DIRECTOR}    spec: null\n`,
      ['acme/recipe.yaml:6:5 packages.hello-director.spec: missing key "spec"'],
    ],
    [
      'something taken away that is not there',
      'packages:\n  hello-directr: null\n',
      [
        'acme/recipe.yaml:5:3 packages.hello-directr: null takes "hello-directr" away, but hello has none; it has: hello-director, hello-backend; did you mean "hello-director"?',
      ],
    ],
    [
      'a path that leaves the folder',
      `${ON_DIRECTOR}    files: [../hello/hello.c]\n`,
      [
        'acme/recipe.yaml:6:13 packages.hello-director.files[0]: "../hello/hello.c" must be a relative path that stays in its folder: no leading "/", no "." or ".." parts',
      ],
    ],
    [
      'a number that would change on its way',
      `${ON_DIRECTOR}    config: { strongest: config-generic, override: { CONFIG_HELLO_BITS: 0x10 } }\n`,
      [
        'acme/recipe.yaml:6:73 packages.hello-director.config.override.CONFIG_HELLO_BITS: 0x10 would become 16: quote it ("0x10")',
      ],
    ],
    [
      'a value for the strongest fragment, which is not known',
      `${ON_DIRECTOR}    config: { override: { CONFIG_HELLO_BITS: 3 } }\n`,
      [
        'acme/recipe.yaml:6:15 packages.hello-director.config.override: "strongest" must name the fragment that wins over all others',
      ],
    ],
    [
      'a check that is there twice',
      'roles:\n  backend:\n    checks:\n      - { id: says, expected: a }\n      - { id: says, kind: file, argument: /b }\n',
      ['acme/recipe.yaml:8:15 roles.backend.checks[1].id: "says" is here twice'],
    ],
    [
      'a kind where there is none',
      `${ON_DIRECTOR}    kind: file\n`,
      [expect.stringMatching(/^acme\/recipe\.yaml:6:5 packages\.hello-director\.kind: unknown key "kind"; /) as string],
    ],
    [
      'a file that neither has',
      `${ON_DIRECTOR}    spec: other.spec\n`,
      [
        'acme/recipe.yaml:6:11 packages.hello-director.spec: there is no file other.spec',
        'hello/recipe.yaml:35:15 packages.hello-director.edits[0].file: unknown file "hello.spec"; there are: other.spec, config-generic',
      ],
    ],
  ])('%s', async (_, yaml, problems) => {
    using acme = await overlay(yaml);
    expect(await acme.problems()).toEqual(problems);
  });

  test('a recipe that is not there', async () => {
    using acme = await overlay('', { 'acme/recipe.yaml': recipeYaml('acme', 'ltss', '') });
    expect(await acme.problems()).toEqual([
      'acme/recipe.yaml:3:10 extends: unknown recipe "ltss"; there are: el6, lts; did you mean "lts"? (one of your own is a path: ./ltss or ../ltss)',
    ]);
    await acme.write({ 'acme/recipe.yaml': recipeYaml('acme', './base', '') });
    expect(await acme.problems()).toEqual([
      "acme/recipe.yaml:3:10 extends: there is no recipe ./base (it would be relative to this file's folder)",
    ]);
    await acme.write({ 'acme/recipe.yaml': recipeYaml('acme', '/etc', '') });
    expect(await acme.problems()).toEqual([
      'acme/recipe.yaml:3:10 extends: "/etc" must be the name of a recipe of the factory, or a path that begins with ./ or ../',
    ]);
  });

  test('a loop', async () => {
    using acme = await overlay('', {
      'acme/recipe.yaml': recipeYaml('acme', '../site', ''),
      'site/recipe.yaml': recipeYaml('site', '../acme', ''),
    });
    expect(await acme.problems()).toEqual(['site/recipe.yaml:3:10 extends: a loop: acme -> site -> acme']);
    await acme.write({ 'acme/recipe.yaml': recipeYaml('acme', '../acme', '') });
    expect(await acme.problems()).toEqual(['acme/recipe.yaml:3:10 extends: a loop: acme -> acme']);
  });

  test('the name of the recipe that it extends', async () => {
    using acme = await overlay('', { 'ours/hello/recipe.yaml': recipeYaml('hello', '../../hello', '') });
    expect(await acme.problems('ours/hello')).toEqual([
      'ours/hello/recipe.yaml:2:7 name: is the name of a recipe that it extends: repository and records go by it',
    ]);
  });

  test('no name of its own', async () => {
    using acme = await overlay('', { 'acme/recipe.yaml': 'extends: ../hello\n' });
    expect(await acme.problems()).toEqual([
      'acme/recipe.yaml:1:1 schema: missing key "schema": a recipe that extends another one has its own',
      'acme/recipe.yaml:1:1 name: missing key "name": a recipe that extends another one has its own',
    ]);
  });

  test('the recipe that is extended is wrong by itself', async () => {
    using acme = await overlay('dist: .acme\n', { 'hello/recipe.yaml': 'schema: 1\nname: hello\n' });
    const problems = await acme.problems();
    expect(problems).toContain('hello/recipe.yaml:1:1 dist: missing key "dist"');
    expect(problems.filter((one) => !one.startsWith('hello/recipe.yaml:'))).toEqual([]);
  });

  test('a folder of patches that no package has, a patch without series, and one that is not listed', async () => {
    using acme = await overlay('', {
      'acme/patches/hello-directr/series': '0002-b.patch\n',
      'acme/patches/hello-director/0002-b.patch': patchText('b'),
    });
    expect(await acme.problems()).toEqual([
      'acme/patches/hello-director/series:1:1 0002-b.patch: there is no file series beside 0002-b.patch',
      'acme/patches/hello-directr/series:1:1 hello-directr: no package has its patches in "hello-directr"; there are: hello-director; did you mean "hello-director"? (patches.dir of a package names its folder)',
    ]);
    await acme.write({ 'acme/patches/hello-director/series': '0003-c.patch\n' });
    expect((await acme.problems()).slice(0, 2)).toEqual([
      'acme/patches/hello-director/series:1:1 0003-c.patch: there is no file 0003-c.patch beside the series',
      'acme/patches/hello-director/series:1:1 0002-b.patch: 0002-b.patch is in the folder but not listed',
    ]);
  });
});
