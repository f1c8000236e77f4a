import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, helloCopy, problemsOf } from './hello-copy.ts';

const HOST = `    host:
      platform: { distributions: [{ id: debian, versions: ['12'] }], bootMiB: 64 }
      kernel: { initramfs: false, arguments: [{ argument: nohz=off, reason: r }] }
      packages: { kernel: beside }
      remove: [{ name: gcc, reason: r }]
      modules: [{ name: ip_vs, reason: r }]
      sysctl: [{ key: net.ipv4.ip_forward, value: 1, reason: r }]
      offloads: [{ feature: gro, value: off, reason: r }]
      services: [{ name: irqbalance, state: off, reason: r }]
      settings: [{ file: /etc/sysconfig/kernel, key: UPDATEDEFAULT, value: 'no', reason: r }]
      files: [{ path: /etc/hello.conf, mode: '0644', file: hello.c, reason: r }]
      checks: { after: [{ id: more, command: 'echo {release}', expected: '{release}' }] }
`;
/** Where HOST begins in the file. */
const LINE = 86;

/** hello whose director says what its hosts become, with kernels in place of its programs. */
async function read(host: string, kernels = true) {
  const copy = helloCopy();
  await copy.replace('recipe.yaml', '  backend:\n    packages:\n', `${host}  backend:\n    packages:\n`);
  const text = await readFile(join(copy.dir, 'recipe.yaml'), 'utf8');
  const renamed = text
    .replaceAll('produces: [hello]', 'produces: [kernel]')
    .replaceAll('rpm: hello }', 'rpm: kernel }');
  await copy.write('recipe.yaml', kernels ? renamed : text);
  return copy;
}

describe('roles: host:', () => {
  test('gaps are filled, files have their digest, numbers are texts', async () => {
    using copy = await read(HOST);
    const [director, backend] = (await copy.read()).roles;
    expect(backend?.host).toBeNull();
    expect(director?.host).toMatchObject({
      sysctl: [{ key: 'net.ipv4.ip_forward', value: '1', reason: 'r' }],
      offloads: [{ feature: 'gro', value: 'off', reason: 'r' }],
      settings: [{ when: 'exists' }],
      files: [{ path: '/etc/hello.conf', file: { root: 'recipe', path: 'hello.c' } }],
      after: [{ id: 'more' }],
    });
    expect(director?.host?.files[0]?.file.sha256).toMatch(/^[0-9a-f]{64}$/);
    using short = await read(HOST.split('\n').slice(0, 3).join('\n').concat('\n'));
    const [least] = (await short.read()).roles;
    expect(least?.host).toMatchObject({ packages: {}, remove: [], modules: [], sysctl: [], files: [], after: [] });
  });

  test.each([
    [
      'a misspelt key',
      ['modules:', 'module:'],
      [
        `${LINE + 5}:7 roles.director.host.module: unknown key "module"; allowed: platform, kernel, packages, remove, modules, sysctl, offloads, services, settings, files, checks; did you mean "modules"?`,
      ],
    ],
    [
      'no reason',
      ['{ name: ip_vs, reason: r }', '{ name: ip_vs }'],
      [`${LINE + 5}:17 roles.director.host.modules[0].reason: missing key "reason"`],
    ],
    [
      'a reason of two lines',
      ['{ name: ip_vs, reason: r }', '{ name: ip_vs, reason: "a\\nb" }'],
      [
        `${LINE + 5}:40 roles.director.host.modules[0].reason: "a\\nb" must be one line of ASCII without tabs that is not empty`,
      ],
    ],
    [
      'a version that is a number',
      ["['12']", '[12]'],
      [`${LINE + 1}:60 roles.director.host.platform.distributions[0].versions[0]: must be a string, not number 12`],
    ],
    [
      'a command in place of a module',
      ['name: ip_vs', 'name: ip_vs; reboot'],
      [
        `${LINE + 5}:25 roles.director.host.modules[0].name: "ip_vs; reboot" must be one word of letters, digits and _ . @ -`,
      ],
    ],
    [
      'a path that leads elsewhere',
      ['/etc/hello.conf', '/etc/../root/x'],
      [
        `${LINE + 10}:23 roles.director.host.files[0].path: "/etc/../root/x" must be an absolute path of letters, digits and _ . @ + - without "." and ".." parts`,
      ],
    ],
    [
      'a mode without quotes',
      ["mode: '0644'", 'mode: 0644'],
      [`${LINE + 10}:46 roles.director.host.files[0].mode: must be a string, not number 644`],
    ],
    [
      'a file that is not there',
      ['file: hello.c', 'file: helo.c'],
      [`${LINE + 10}:60 roles.director.host.files[0].file: there is no file helo.c`],
    ],
    [
      'an offload that is neither on nor off',
      ['value: off', 'value: false'],
      [`${LINE + 7}:41 roles.director.host.offloads[0].value: false is not one of: on, off`],
    ],
    [
      'a kernel in place of another',
      ['kernel: beside', 'kernel: exact'],
      [
        `${LINE + 3}:27 roles.director.host.packages.kernel: kernel cannot be installed exact: beside others stand kernels, and only they`,
      ],
    ],
    [
      'a package that the role does not install',
      ['{ kernel: beside }', '{ kernal: exact }'],
      [
        `${LINE + 3}:19 roles.director.host.packages.kernal: unknown package of the role "kernal"; there are: kernel; did you mean "kernel"?`,
      ],
    ],
    [
      'the kernel among what is removed',
      ['name: gcc', 'name: kernel'],
      [`${LINE + 4}:24 roles.director.host.remove[0].name: "kernel" is installed by this role`],
    ],
    [
      'the same twice',
      ['[{ name: gcc, reason: r }]', '[{ name: gcc, reason: r }, { name: gcc, reason: s }]'],
      [`${LINE + 4}:50 roles.director.host.remove[1].name: "gcc" is here twice`],
    ],
    [
      'a check of its own that every host has, or that the role has already',
      ['[{ id: more,', "[{ id: kernel-running, command: uname, expected: '' }, { id: says,"],
      [
        `${LINE + 11}:31 roles.director.host.checks.after[0].id: "kernel-running" is here twice`,
        `${LINE + 11}:85 roles.director.host.checks.after[1].id: "says" is here twice`,
      ],
    ],
  ] as const)('%s', async (_name, [find, by], problems) => {
    const [before, after, ...more] = HOST.split(find);
    expect(more).toEqual([]);
    using copy = await read(`${before ?? ''}${by}${after ?? ''}`);
    expect(problemsOf(await failureOf(copy.read()))).toEqual(problems);
  });

  test('a role without a kernel, and what a manifest cannot hold', async () => {
    using copy = await read(HOST.replace('      packages: { kernel: beside }\n', ''), false);
    await copy.replace('recipe.yaml', "expected: 'hello, director: 20", "expected: 'hallo, größer: 20");
    expect(problemsOf(await failureOf(copy.read())).map((one) => one.replace(/^\d+:\d+ /, ''))).toEqual([
      'roles.director.checks[1].expected: must be ASCII for a manifest',
      'roles.director.host: needs the package "kernel" among those of the role',
    ]);
  });
});
