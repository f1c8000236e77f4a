import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { differencesOf } from '../../../pipeline/cli/differences.ts';
import { differencesText } from '../../../pipeline/plan/render-differences.ts';
import { readExtended } from '../../../pipeline/recipe/read.ts';
import { FACTORY } from '../recipe/hello-copy.ts';
import { overlay, patchText, recipeYaml } from '../recipe/overlay.ts';

/** What `factory plan` says of a recipe, in lines; `files` lie below acme's folder. */
async function lines(yaml: string, files: Readonly<Record<string, string>> = {}, base = '../hello'): Promise<string[]> {
  const inFolder = Object.entries(files).map(([name, text]) => [`acme/${name}`, text]);
  using acme = await overlay('', {
    ...(Object.fromEntries(inFolder) as Readonly<Record<string, string>>),
    'acme/recipe.yaml': recipeYaml('acme', base, yaml),
  });
  const differs = await differencesOf(await acme.read());
  if (differs === undefined) throw new Error('it extends nothing');
  return differencesText(differs).split('\n');
}

const packageOf = (name: string, yaml: string) => `packages:\n  ${name}:\n${yaml.replace(/^/gm, '    ')}\n`;

describe('in what a recipe differs from the one that it extends', () => {
  test('el6 with one more patch and one value', async () => {
    const value = 'config: { override: { CONFIG_IP_VS_SH_TAB_BITS: 10 } }\npatches: { dir: kernel-director }';
    const patches = {
      'patches/kernel-director/series': '0001-ours.patch\n',
      'patches/kernel-director/0001-ours.patch': patchText('ipvs: something of ours'),
    };
    expect(await lines(packageOf('kernel-director', value), patches, 'el6')).toEqual([
      'Differs from el6:',
      "  kernel-director: config CONFIG_IP_VS_SH_TAB_BITS: as upstream's fragments say -> 10",
      '  kernel-director: patch 0001-ours.patch added: ipvs: something of ours',
      'Built anew because of it: kernel-director',
      'Built anew if what it takes comes out different: lvs-tools (from kernel-director)',
      'Built as in el6: kernel-backend',
    ]);
  });

  test('a value that el6 sets itself', async () => {
    const differs = await lines(
      packageOf('kernel-director', 'config: { override: { CONFIG_IP_VS_TAB_BITS: 18 } }'),
      {},
      'el6',
    );
    expect(differs.slice(0, 3)).toEqual([
      'Differs from el6:',
      '  kernel-director: config CONFIG_IP_VS_TAB_BITS: 20 -> 18',
      'Built anew because of it: kernel-director',
    ]);
  });

  test('the example of docs/downstream.md: its patch, its value, and who it is', async () => {
    const recipeDir = join(FACTORY, 'docs/examples/lts-acme');
    const roots = { factoryDir: FACTORY, recipeDir, patchesDir: join(recipeDir, 'patches') };
    const differs = await differencesOf(await readExtended(join(recipeDir, 'recipe.yaml'), roots));
    expect(differs?.differences).toEqual([
      { what: 'config', package: 'kernel-director', symbol: 'CONFIG_IP_VS_SH_TAB_BITS', before: '8', now: '10' },
      {
        what: 'patch',
        package: 'kernel-director',
        change: 'added',
        file: '0001-ipvs-default-of-expire_nodest_conn.patch',
        subject: 'ipvs: a module parameter for the default of expire_nodest_conn',
      },
      { what: 'value', path: 'signing.name', before: 'fullnat-factory', now: 'Acme load balancers' },
      { what: 'value', path: 'signing.email', before: 'packages@fullnat-factory.invalid', now: 'lvs@acme.example' },
      {
        what: 'value',
        path: 'publish.baseUrl',
        before: 'http://127.0.0.1:8080/lts',
        now: 'https://packages.acme.example/lvs/lts-acme',
      },
    ]);
    expect(differs?.packages).toEqual({
      built: ['kernel-director'],
      maybe: [{ package: 'lvs-tools', of: ['kernel-director'] }],
      same: ['kernel-backend'],
    });
  });

  test('values that hold anyway are no difference, wherever they are said', async () => {
    const nothing = ['Differs from lts: in nothing but its name'];
    expect(await lines('', {}, 'lts')).toEqual(nothing);
    const same = 'override: { CONFIG_IP_VS_SH_TAB_BITS: 8, CONFIG_IP_VS_TAB_BITS: 20, CONFIG_HZ_250: y }';
    const yaml = packageOf('kernel-director', `buildid: .ipvs_20bit\nconfig:\n  ${same}`);
    expect(await lines(`description: other words\ndist: .fn12\n${yaml}`, {}, 'lts')).toEqual(nothing);
    expect(await lines(packageOf('hello-director', 'config: { set: { CONFIG_HELLO_BITS: 20 } }'))).toEqual([
      'Differs from hello: in nothing but its name',
    ]);
  });

  test('what a fragment of its own says', async () => {
    const differs = await lines(
      '',
      { 'config-local': 'CONFIG_PANIC_TIMEOUT=10\n# CONFIG_IP_VS_SED is not set\n' },
      'lts',
    );
    expect(differs.filter((line) => line.includes('kernel-backend'))).toEqual([
      '  kernel-backend: config CONFIG_IP_VS_SED: m -> n',
      '  kernel-backend: config CONFIG_PANIC_TIMEOUT: 0 -> 10',
      '  packages.kernel-backend.files: file config-local replaced',
      'Built anew because of it: kernel-director, kernel-backend',
    ]);
  });

  test('files, edits, roles, packages that come and go', async () => {
    using acme = await overlay('');
    await cp(join(acme.parent, 'hello/hello.c'), join(acme.parent, 'acme/hello.c'));
    await acme.write({
      'acme/patches/hello-director/series': '0001-a-comma.patch\n',
      'acme/patches/hello-director/0001-a-comma.patch': patchText('ours'),
      'acme/hello.spec': 'Name: hello\n',
      'acme/recipe.yaml': recipeYaml(
        'acme',
        '../hello',
        [
          'packages:',
          '  hello-director:',
          '    edits: [{ op: insert-after, file: hello.spec, line: a, text: b }]',
          '  hello-backend: null',
          '  extra:',
          '    { group: tools, spec: hello.spec, sources: [{ source: hello }], produces: [extra] }',
          'roles:',
          '  backend: null',
          '  director:',
          '    checks: [{ id: installed, argument: /usr/bin/bonjour }]',
          '',
        ].join('\n'),
      ),
    });
    const differs = await differencesOf(await acme.read());
    expect(differencesText(differs!).split('\n')).toEqual([
      'Differs from hello:',
      '  hello-director: patch 0001-a-comma.patch replaced: ours',
      '  packages.hello-director.files: file hello.spec replaced',
      '  packages.hello-director.edits: none -> {"op":"insert-after","file":"hello.spec","line":"a","text":"b"}',
      '  package hello-backend removed',
      '  package extra added',
      '  roles.director.checks.installed.argument: /usr/bin/hello -> /usr/bin/bonjour',
      expect.stringMatching(/^ {2}roles\.backend: \{.*\.\.\. -> none$/) as string,
      'Built anew because of it: hello-director, extra',
    ]);
  });

  test('a source that differs, and what is made of it', async () => {
    const differs = await lines('', { 'hello.c': '/* nothing */\n' });
    expect(differs).toEqual([
      'Differs from hello:',
      '  sources.hello.file: file hello.c replaced',
      'Built anew because of it: hello-director, hello-backend',
    ]);
  });

  test('a recipe that extends nothing has nothing to say', async () => {
    using acme = await overlay('');
    expect(await differencesOf(await acme.read('hello'))).toBeUndefined();
  });
});
