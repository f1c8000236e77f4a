import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, helloCopy, problemsOf } from './hello-copy.ts';

const BOOT = `verify:
  boot:
    fullnat: conntrack
    director:
      role: director
      modules: [ip_vs]
      counters: { file: /proc/net/ip_vs_toa, carried: inserted, full: skipped_full }
    backend:
      role: backend
      module: toa
      counters: { file: /proc/net/toa_stats, carried: syn_recv_sock_toa }
    tableSize: 1048576
`;
const TARGET = '  target: { context: debian-target, from: debian }\n';
const RUNNER = '  runner: { context: qemu-runner, from: debian }\n';
const PAIR = `pair:
  director: { package: hello-director, toa: { module: ip_vs, modinfo: toa_option } }
  backend: { package: hello-backend, toa: { module: toa, modinfo: toa_option } }
  tools: hello-director
  interface:
    kernel: { rpm: kernel, dirs: [usr/include], include: linux/ip_vs.h }
    tools: [{ name: ipvsadm, dirs: [tools-1], include: ip_vs.h }]
    structs: [{ kernel: ip_vs_service_user, members: [addr, port] }]
    constants: [IP_VS_SO_SET_ADD]
`;
/** hello with a section about booting, and what is changed in it. Its packages come out as `kernel`, if wanted. */
async function read(boot: string, { runner = RUNNER, kernels = true, pair = PAIR } = {}) {
  const copy = helloCopy();
  await copy.replace('recipe.yaml', TARGET, TARGET + runner);
  await copy.replace('recipe.yaml', 'signing:\n', `${boot}${kernels ? pair : ''}signing:\n`);
  const text = await readFile(join(copy.dir, 'recipe.yaml'), 'utf8');
  const renamed = text
    .replaceAll('produces: [hello]', 'produces: [kernel]')
    .replaceAll('rpm: hello }', 'rpm: kernel }');
  await copy.write('recipe.yaml', kernels ? renamed : text);
  return copy;
}

describe('verify: boot:', () => {
  test('gaps are filled', async () => {
    using copy = await read(BOOT.replace(', full: skipped_full', ''));
    const { boot } = await copy.read();
    expect(boot?.runner.name).toBe('qemu-runner');
    expect(boot?.how).toMatchObject({
      machine: { memoryMiB: 256, nic: 'virtio-net-pci', arguments: '', modules: [] },
      director: { counters: { carried: 'inserted', full: null } },
      backend: { trusted: null },
      localAddresses: 4,
      connections: 1000,
      stress: null,
      seconds: { boot: 300, all: 900 },
    });
  });

  test.each([
    ['no image to boot in', BOOT, { runner: '' }, ['verify.boot: needs an image "runner" in images']],
    ['an image that nothing boots in', '', {}, ['images.runner: needs a section verify: boot:']],
    [
      'a role that is not there',
      BOOT.replace('role: backend', 'role: bakend'),
      {},
      ['verify.boot.backend.role: unknown role "bakend"; there are: director, backend; did you mean "backend"?'],
    ],
    [
      'roles without a kernel',
      BOOT,
      { kernels: false },
      [
        'verify.boot: needs a section pair: that tells which TCP option the kernels use',
        ...['director', 'backend'].map(
          (role) => `verify.boot.${role}.role: role "${role}" installs no package "kernel" that could be booted`,
        ),
      ],
    ],
    [
      'a command in place of a module',
      BOOT.replace('module: toa', 'module: toa; reboot'),
      {},
      ['verify.boot.backend.module: "toa; reboot" must be one word of letters, digits, "_", "." and "-"'],
    ],
    [
      'nothing that tells the option number',
      BOOT,
      { pair: '' },
      ['verify.boot: needs a section pair: that tells which TCP option the kernels use'],
    ],
    [
      'a stress round without an end',
      `${BOOT}    stress: { connections: 10000, unloads: 0 }\n`,
      {},
      ['verify.boot.stress.unloads: 0 must be a number from 1 to 20'],
    ],
  ])('%s', async (_name, boot, change, problems) => {
    using copy = await read(boot, change);
    const found = problemsOf(await failureOf(copy.read()));
    expect(found.map((problem) => problem.replace(/^\d+:\d+ /, ''))).toEqual(problems);
  });
});
