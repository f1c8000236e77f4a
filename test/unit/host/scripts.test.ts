import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { bundleScript, HOST_SCRIPTS } from '../../../pipeline/host/scripts.ts';
import { hostScript } from '../../helpers/host-script.ts';

test('one shebang, one licence, and nothing that is there for shellcheck alone', () => {
  const head = '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n';
  const part = `${head}# shellcheck disable=SC2154 # variables of the other parts\n#\n# What it is.\n`;
  const bundle = bundleScript([
    `${head}#\n# First.\nset -u\n`,
    `${part}one() {\n  # shellcheck disable=SC2016\n  :\n}\n`,
  ]);
  expect(bundle).toBe(`${head}#\n# First.\nset -u\n# What it is.\none() {\n  # shellcheck disable=SC2016\n  :\n}\n`);
});

test.each(Object.keys(HOST_SCRIPTS))('%s: a shell reads it, and only its last line runs something', (name) => {
  const script = hostScript(name);
  expect(spawnSync('/bin/sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  expect(script.match(/^#!/gm)).toHaveLength(1);
  expect(script.match(/SPDX-License-Identifier/g)).toHaveLength(1);
  // Without its last line it does nothing at all: half a download is harmless.
  const half = script.slice(0, script.trimEnd().lastIndexOf('\n') + 1);
  const run = spawnSync('/bin/sh', ['-s', 'apply', '--no-such'], { input: half, encoding: 'utf8' });
  expect(run).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test('every part is in a script', () => {
  const host = resolve(import.meta.dirname, '../../../pipeline/host');
  const parts = ['lib', 'install'].flatMap((dir) => readdirSync(resolve(host, dir)).map((file) => `${dir}/${file}`));
  const used = new Set(Object.values(HOST_SCRIPTS).flat());
  expect(parts.filter((part) => !used.has(part))).toEqual([]);
});
