import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { FACTORY_DIR } from '../../pipeline/cli/paths.ts';
import type { Artifact } from '../../pipeline/plan/artifact.ts';
import { createStore } from '../../pipeline/store/index.ts';
import { expectCode, type Finished, runFactory, stepsOf } from '../helpers/run-factory.ts';

/** The example of docs/downstream.md, where and as it is documented: its plan, and the kernel that comes out of it. */
const EXAMPLE = join(FACTORY_DIR, 'docs/examples/lts-acme');
const ARTIFACTS = join(FACTORY_DIR, 'artifacts');

const DIFFERS = [
  'Differs from lts:',
  '  kernel-director: config CONFIG_IP_VS_SH_TAB_BITS: 8 -> 10',
  '  kernel-director: patch 0001-ipvs-default-of-expire_nodest_conn.patch added: ipvs: a module parameter for the default of expire_nodest_conn',
  '  signing.name: fullnat-factory -> Acme load balancers',
  '  signing.email: packages@fullnat-factory.invalid -> lvs@acme.example',
  '  publish.baseUrl: http://127.0.0.1:8080/lts -> https://packages.acme.example/lvs/lts-acme',
  'Built anew because of it: kernel-director',
  'Built anew if what it takes comes out different: lvs-tools (from kernel-director)',
  'Built as in lts: kernel-backend',
].join('\n');

test('plan says exactly what it changes, and the page about it says the same', async () => {
  const plan = await runFactory(['plan', '--recipe', EXAMPLE, '--artifacts', ARTIFACTS]);
  expectCode(plan, 0);
  expect(plan.stdout.split('\n\n')[0]).toBe(DIFFERS);
  expect(await readFile(join(FACTORY_DIR, 'docs/downstream.md'), 'utf8')).toContain(DIFFERS);
});

test('the commands of the page make a repository of its own, elsewhere, and plan it the same', async () => {
  const page = await readFile(join(FACTORY_DIR, 'docs/downstream.md'), 'utf8');
  const [, commands = ''] = /^```sh\n(mkdir [^`]*)^```$/m.exec(page) ?? [];
  expect(commands.split('\n')).toHaveLength(5);
  const dir = await mkdtemp(join(tmpdir(), 'factory-acme-'));
  try {
    await symlink(FACTORY_DIR, join(dir, 'fullnat-factory'));
    const env = { ...process.env, GITHUB_ACTIONS: '' };
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], { cwd: dir, env });
    expect(stdout.split('\n\n')[0]).toBe(DIFFERS);
    expect(stdout).toContain('cluster acme (lts), 4 hosts');
    expect(existsSync(join(dir, 'acme/configured/lb1/etc/keepalived/keepalived.conf'))).toBe(true);
  } finally {
    await rm(dir, { recursive: true });
  }
});

// Where the checkout keeps its results: sources, builder and compiler cache are those of recipe lts.
test('its director is built: the value is in the configuration, the patch in the module', async () => {
  const built = await runFactory([
    ...['build', '--json', '--recipe', EXAMPLE, '--artifacts', ARTIFACTS, '--only', 'kernel-director'],
  ]);
  expectCode(built, 0);
  expect(stepsOf(built, 'step-failed')).toEqual([]);
  const rpm = outputOf(built, 'rpm', /^kernel-6\.1\..*\.ipvs_20bit\.x86_64\.rpm$/);
  const bytes = await createStore(join(ARTIFACTS, 'store')).read(rpm.digest);
  const seen = await inImage(
    outputOf(built, 'image', /^debian-builder$/).engineId ?? '',
    'rpm2cpio - | cpio -i --quiet -d -D /tmp; cd /tmp; grep -h IP_VS_.*_BITS boot/config-*; modinfo -p lib/modules/*/kernel/net/netfilter/ipvs/ip_vs.ko',
    bytes,
  );
  expect(seen.split('\n')).toEqual(
    expect.arrayContaining([
      'CONFIG_IP_VS_TAB_BITS=20',
      'CONFIG_IP_VS_SH_TAB_BITS=10',
      'expire_nodest_conn:Default of net.ipv4.vs.expire_nodest_conn (bool)',
    ]),
  );
}, 3_600_000);

/** The one output of that kind and name among all steps of a run, made now or before. */
function outputOf({ events }: Finished, kind: Artifact['kind'], name: RegExp): Artifact {
  const outputs = events.flatMap((event) =>
    event.type === 'step-made' || event.type === 'step-cached' ? event.record.outputs : [],
  );
  const [found, ...more] = outputs.filter((one) => one.kind === kind && name.test(one.name));
  if (found === undefined || more.length > 0) throw new Error(`not exactly one ${kind} like ${name.source}`);
  return found;
}

/** What a shell script in an image, without network, prints about what it gets on its standard input. */
async function inImage(image: string, script: string, input: Buffer): Promise<string> {
  const child = spawn('docker', ['run', '--rm', '-i', '--network', 'none', image, '/bin/bash', '-euc', script]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${output}`);
  return output;
}
