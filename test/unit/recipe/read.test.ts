import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecipe } from '../../../pipeline/recipe/read.ts';
import { FACTORY, failureOf, HELLO, helloCopy, problemsOf } from './hello-copy.ts';

const PATCH = 'patches/hello-director/0001-a-comma.patch';

describe('readRecipe', () => {
  test('leaves nothing optional and digests every file', async () => {
    const roots = { factoryDir: FACTORY, recipeDir: HELLO, patchesDir: join(HELLO, 'patches') };
    const recipe = await readRecipe(join(HELLO, 'recipe.yaml'), roots);
    const [director, backend] = recipe.packages;
    expect(recipe.bases.map(({ name }) => name)).toEqual(['debian-base']);
    expect(recipe.builder.context.map(({ path }) => path)).toContain('dockerfiles/debian-builder/Dockerfile');
    expect(director!.files.map(({ root, path }) => `${root}:${path}`)).toEqual([
      'recipe:hello.spec',
      'recipe:config-generic',
    ]);
    expect(director!.patches!.files.map(({ root, path }) => `${root}:${path}`)).toEqual([
      'patches:hello-director/0001-a-comma.patch',
    ]);
    expect(backend).toMatchObject({ patches: null, srpm: null, with: [], needs: [], treeBytes: 64 * 1024 * 1024 });
    for (const file of director!.files) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('what a recipe sets and adds, the final .config must have', async () => {
    using copy = helloCopy();
    const [director, backend] = (await copy.read()).packages;
    expect(director!.config!.values).toEqual({ CONFIG_HELLO: 'y', CONFIG_HELLO_BITS: '20' });
    expect(backend!.config!.values).toEqual({ CONFIG_TOA: 'm' });
  });

  test('what wins over every fragment does so over set, add and values too; what holds anyway is not written', async () => {
    using copy = helloCopy();
    const strongest = 'fragment: config-generic\n      strongest: config-generic\n';
    const override = '      override: { CONFIG_HELLO: n, CONFIG_HELLO_BITS: 20, CONFIG_NEW: 1 }\n      set:';
    await copy.replace('recipe.yaml', 'fragment: config-generic\n      set:', strongest + override);
    const [director] = (await copy.read()).packages;
    expect(director!.config!.override).toEqual({ CONFIG_HELLO: 'n', CONFIG_NEW: '1' });
    expect(director!.config!.values).toEqual({ CONFIG_HELLO: 'n', CONFIG_HELLO_BITS: '20', CONFIG_NEW: '1' });
  });

  test('the lts recipe is valid', async () => {
    const recipeDir = join(FACTORY, 'pipeline/recipes/lts');
    const roots = { factoryDir: FACTORY, recipeDir, patchesDir: join(FACTORY, 'patches/lts') };
    const recipe = await readRecipe(join(recipeDir, 'recipe.yaml'), roots);
    expect(recipe.packages.map(({ name }) => name)).toEqual(['kernel-director', 'kernel-backend', 'lvs-tools']);
    expect(recipe.sources.map(({ name }) => name)).toEqual(['linux-package', 'linux', 'keepalived', 'ipvsadm']);
  });

  test('packages and sources come in an order that can be built, whatever the order in the file', async () => {
    using copy = helloCopy();
    const need = 'buildid: .ipvs_20bit\n    needs: [{ package: hello-backend, rpm: hello }]';
    await copy.replace('recipe.yaml', 'buildid: .ipvs_20bit', need);
    expect((await copy.read()).packages.map(({ name }) => name)).toEqual(['hello-backend', 'hello-director']);
  });

  test('says all problems of a pass at once, in the order of the file', async () => {
    using copy = helloCopy();
    await copy.replace('recipe.yaml', 'path: hello.c', 'path: hallo.c');
    await copy.replace('recipe.yaml', 'role: backend', 'role: backnd');
    const places = problemsOf(await failureOf(copy.read())).map((problem) => problem.split(' ')[0]);
    expect(places).toEqual(['23:11', '59:11']);
  });

  test('no recipe is a usage error', async () => {
    using copy = helloCopy();
    await rm(join(copy.dir, 'recipe.yaml'));
    expect(await failureOf(copy.read())).toMatchObject({ kind: 'Usage' });
  });

  test('bytes that are no text', async () => {
    using copy = helloCopy();
    await copy.write('recipe.yaml', '');
    expect(problemsOf(await failureOf(copy.read()))).toEqual(['1:1: must be a map, not nothing']);
  });

  test('a link that leads out of the folder is not followed', async () => {
    using copy = helloCopy();
    await rm(join(copy.dir, 'hello.c'));
    await symlink('/etc/hostname', join(copy.dir, 'hello.c'));
    expect(problemsOf(await failureOf(copy.read()))).toEqual([
      '23:11 sources.hello.path: hello.c is not a regular file',
    ]);
  });

  test('nor is a folder that is one', async () => {
    using copy = helloCopy();
    await symlink('/etc', join(copy.dir, 'out'));
    await copy.replace('recipe.yaml', 'path: hello.c', 'path: out/hostname');
    expect(problemsOf(await failureOf(copy.read()))).toEqual([
      '23:11 sources.hello.path: out/hostname lies outside its folder',
    ]);
  });
});

describe('patches', () => {
  test('a header without its lines', async () => {
    using copy = helloCopy();
    await copy.replace(PATCH, 'Reason: the whole chain should apply at least one patch\n', '');
    await copy.replace(PATCH, 'Upstream-status: not for upstream\n', '');
    const name = '0001-a-comma.patch';
    expect(problemsOf(await failureOf(copy.read()))).toEqual([
      `${PATCH}:2:1 ${name}: the header has no line "Reason: …"`,
      `${PATCH}:2:1 ${name}: the header has no line "Upstream-status: …"`,
    ]);
  });

  test('a patch that is not there, one twice, one with options', async () => {
    using copy = helloCopy();
    const lines = [
      '# ours',
      '0001-a-comma.patch # first',
      '',
      '0002-b.patch',
      '0001-a-comma.patch',
      '0003-c.patch -p0',
    ];
    await copy.write('patches/hello-director/series', `${lines.join('\n')}\n`);
    const series = 'patches/hello-director/series';
    expect(problemsOf(await failureOf(copy.read()))).toEqual([
      `${series}:4:1 0002-b.patch: there is no file 0002-b.patch beside the series`,
      `${series}:5:1 0001-a-comma.patch: 0001-a-comma.patch is listed twice`,
      `${series}:6:1 0003-c.patch -p0: "0003-c.patch -p0" must be one file name that ends in .patch or .diff, without options`,
    ]);
  });

  test('a patch that the series forgot', async () => {
    using copy = helloCopy();
    await copy.write('patches/hello-director/0002-b.patch', 'Origin: here\n');
    expect(problemsOf(await failureOf(copy.read()))).toEqual([
      'patches/hello-director/series:1:1 0002-b.patch: 0002-b.patch is in the folder but not listed',
    ]);
  });

  test('an empty series is no patches', async () => {
    using copy = helloCopy();
    await rm(join(copy.dir, PATCH));
    await copy.write('patches/hello-director/series', '# none yet\n');
    const [director] = (await copy.read()).packages;
    expect(director!.patches).toBeNull();
  });

  test('a folder in an image context is refused', async () => {
    using copy = helloCopy();
    await mkdir(join(copy.dir, 'factory/dockerfiles/debian-builder/sub'), { recursive: true });
    await copy.write('factory/dockerfiles/debian-builder/Dockerfile', 'FROM scratch\n');
    const roots = { factoryDir: join(copy.dir, 'factory'), recipeDir: copy.dir, patchesDir: join(copy.dir, 'patches') };
    const problems = problemsOf(await failureOf(readRecipe(join(copy.dir, 'recipe.yaml'), roots)));
    expect(problems).toContain('17:23 images.builder.context: dockerfiles/debian-builder/sub is not a regular file');
  });
});
