import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commandOf } from '../../../pipeline/host/manifest/checks.ts';
import { manifestJsonSchema } from '../../../pipeline/host/manifest/json-schema.ts';
import { installManifest, manifestBytes } from '../../../pipeline/host/manifest/manifest.ts';
import type { InstallManifest } from '../../../pipeline/host/manifest/schema.ts';
import { FACTORY } from '../recipe/hello-copy.ts';
import { readNamed } from '../plan/recipes.ts';
import { partsOf } from './parts.ts';

const recipes = { lts: await readNamed('lts'), el6: await readNamed('el6') };

describe('what the recipes tell their hosts', () => {
  test.each([
    ['lts', 'director'],
    ['lts', 'backend'],
    ['el6', 'director'],
    ['el6', 'backend'],
  ] as const)('%s %s', async (recipe, role) => {
    const bytes = manifestBytes(installManifest(partsOf(recipes[recipe], role)));
    await expect(bytes.toString('utf8')).toMatchFileSnapshot(`golden/${recipe}-${role}.json.txt`);
  });
});

describe('the form', () => {
  const parts = partsOf(recipes.el6, 'director');

  test('the same parts are the same bytes, one printable line per value', () => {
    const bytes = manifestBytes(installManifest(parts));
    expect(manifestBytes(installManifest(structuredClone(parts)))).toEqual(bytes);
    expect(bytes.toString('latin1')).toMatch(/^[\n -~]+$/);
    expect(bytes.toString('latin1').endsWith('}\n')).toBe(true);
    // However the keys of what is written were ordered.
    const { schema, ...rest } = JSON.parse(bytes.toString('utf8')) as InstallManifest;
    expect(manifestBytes({ ...rest, schema })).toEqual(bytes);
  });

  test('a line break, a letter that is no ASCII, or a path that leads out is refused', () => {
    const { host } = parts;
    const bad = [
      { ...parts, host: { ...host, remove: [{ name: 'gcc', reason: 'two\nlines' }] } },
      { ...parts, host: { ...host, remove: [{ name: 'gcc', reason: 'grün' }] } },
      { ...parts, devices: { ...parts.devices, file: '../devices' } },
      { ...parts, packages: parts.packages.map((one) => ({ ...one, key: 'a'.repeat(40) })) },
      { ...parts, packages: [] },
    ];
    for (const one of bad) expect(() => installManifest(one)).toThrow(/"path"/);
  });

  test('kernels go beside others, a recipe can let newer packages be, the rest replaces other versions', () => {
    const { packages } = installManifest(parts);
    expect(Object.fromEntries(packages.map(({ name, how }) => [name, how]))).toEqual({
      kernel: 'beside',
      'kernel-firmware': 'at-least',
      keepalived: 'exact',
      ipvsadm: 'exact',
      quagga: 'exact',
    });
  });

  test('{release} is filled in wherever the recipe says it', () => {
    const host = { ...parts.host, after: [{ id: 'x', command: 'echo {release} {release}', expected: '{release}' }] };
    const { checks } = installManifest({ ...parts, host });
    expect(checks.after.at(-1)).toEqual({
      id: 'x',
      command: `echo ${parts.release} ${parts.release}`,
      expected: parts.release,
    });
    expect(JSON.stringify(checks)).not.toContain('{release}');
  });

  test('no time, no snapshot, nothing that is renewed', () => {
    expect(Object.keys(installManifest(parts))).toEqual([
      ...['schema', 'role', 'recipe', 'pair', 'platform', 'kernel', 'packages', 'remove', 'modules', 'sysctl'],
      ...['offloads', 'services', 'settings', 'files', 'checks'],
    ]);
  });
});

test('checks of the installation as commands: a path and a text with quotes in them', () => {
  const file = join(FACTORY, 'package.json');
  const run = (command: string): string =>
    execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }).replace(/\n$/, '');
  const there = commandOf({ id: 'a', kind: 'file', argument: file, expected: 'exists' });
  expect(run(there.command)).toBe(there.expected);
  const holds = commandOf({ id: 'a', kind: 'file-contains', argument: file, expected: '"name": "fullnat-factory"' });
  expect(run(holds.command)).toBe(holds.expected);
  const odd = commandOf({ id: 'a', kind: 'file-contains', argument: file, expected: "'; echo yes; : '" });
  expect(() => run(odd.command)).toThrow('Command failed');
});

test('docs/schemas/install-manifest.schema.json is that of the code: npm run schemas writes it', () => {
  expect(readFileSync(join(FACTORY, 'docs/schemas/install-manifest.schema.json'), 'utf8')).toBe(manifestJsonSchema());
});
