import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACTORY_DIR } from '../../pipeline/cli/paths.ts';
import { FactoryError } from '../../pipeline/run/failure.ts';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import type { TarFile } from '../../pipeline/tools/tools.ts';
import { expectCode, runFactory } from '../helpers/run-factory.ts';
import { filesOf, hostsImage } from './install-image.ts';

/**
 * Installs what recipe lts publishes on six machines with disks and boot loaders, as an administrator does: install.sh over HTTP,
 * restarts, `factory configure`. One container without network and privileges; everything in it is emulated. hosts/proof.py
 * has the steps. FACTORY_PROOF_ARTIFACTS: where recipe lts is published (default: the artifacts of the checkout).
 */
const ARTIFACTS = process.env.FACTORY_PROOF_ARTIFACTS ?? join(FACTORY_DIR, 'artifacts');
const STEPS = resolve(FACTORY_DIR, 'dockerfiles/steps');
const MACHINES = 6;
const MIB = 1024 * 1024;

interface Step {
  readonly step: string;
  readonly seconds: number;
  readonly seen: string;
  readonly ok: boolean;
}

const containers = createContainers({ owner: `install-${randomBytes(4).toString('hex')}`, runId: 'this-run' });
let image: string;
let inputs: TarFile[];
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factory-install-'));
  expectCode(await runFactory(['publish', '--json', '--recipe', 'lts', '--artifacts', ARTIFACTS]), 0);
  image = await hostsImage(containers);
  inputs = [...(await published()), ...(await configured()), ...(await scripts())];
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test(
  'six machines: plan, apply, restart, fall back from a panic, verify, traffic',
  { timeout: 2_700_000 },
  async () => {
    const { steps, lines, consoles } = await proof();
    process.stdout.write(`\n${table(steps)}\n`);
    const failed = steps.filter(({ ok }) => !ok);
    expect(failed, `${lines.slice(-20).join('\n')}\n${tails(consoles)}`).toEqual([]);
    expect(steps.map(({ step }) => step)).toEqual([
      ...['start', 'plan', 'apply', 'control: the stock kernel', 'configure: 3 directors, 4 servers', 'restart'],
      ...[
        'fall back',
        'try again',
        'verify',
        'stays the default',
        'traffic through two VIPs',
        'routes to them by OSPF',
      ],
    ]);
  },
);

async function proof(): Promise<{ steps: Step[]; lines: string[]; consoles: Map<string, string> }> {
  const lines: string[] = [];
  const outputs = new Map<string, string>();
  const spec = {
    step: 'test:install-proof',
    image,
    command: ['python3', '-B', '/step/proof.py'],
    env: {},
    user: 'root' as const,
    network: 'none' as const,
    files: inputs,
    tmpfs: {},
    volumes: {},
    // A guest has 352 MiB; what QEMU has translated of its programs takes up to 1 GiB more.
    memoryBytes: MACHINES * 1400 * MIB,
    idleSeconds: 2500,
  };
  const hooks = {
    onLine: (_: string, line: string) => void lines.push(line),
    onOutput: async ({ path, bytes }: { path: string; bytes: NodeJS.ReadableStream }) => {
      outputs.set(path, (await buffer(bytes)).toString('utf8'));
    },
    signal: new AbortController().signal,
  };
  await containers.run(spec, hooks).catch((error: unknown) => {
    throw error instanceof FactoryError ? new Error(`${JSON.stringify(error.failure)}\n${lines.join('\n')}`) : error;
  });
  const { steps } = JSON.parse(outputs.get('install-proof.json') ?? '{"steps": []}') as { steps: Step[] };
  outputs.delete('install-proof.json');
  return { steps, lines, consoles: outputs };
}

/** The published tree as the hosts see it, and what is to be installed from it. */
async function published(): Promise<TarFile[]> {
  const root = join(ARTIFACTS, 'repository/lts');
  const current = (await readFile(join(root, 'current'), 'utf8')).trim();
  const manifests = await Promise.all(
    ['director', 'backend'].map(async (role) => {
      const text = await readFile(join(root, `snapshots/${current}/install/${role}.json`), 'utf8');
      return JSON.parse(text) as { kernel: { release: string }; packages: { key: string }[] };
    }),
  );
  const [director, backend] = manifests;
  const settings = {
    fingerprint: director?.packages[0]?.key,
    releases: { director: director?.kernel.release, backend: backend?.kernel.release },
  };
  // Where the web server of the machines is, and not that of this checkout.
  const mirrorlist = `http://10.0.9.2:8080/lts/snapshots/${current}/\n`;
  const served = (path: string): boolean =>
    path !== 'mirrorlist' &&
    (!path.startsWith('snapshots/') || path.startsWith(`snapshots/${current}/`)) &&
    !path.includes('/SRPMS/');
  return [
    ...(await filesOf(root, 'in/srv/lts/', served)),
    { path: 'in/srv/lts/mirrorlist', mode: 0o644, bytes: Buffer.from(mirrorlist) },
    { path: 'in/settings.json', mode: 0o644, bytes: Buffer.from(JSON.stringify(settings)) },
  ];
}

/** The documented example, three directors and four servers, for the kernels of recipe lts. */
async function configured(): Promise<TarFile[]> {
  const examples = join(FACTORY_DIR, 'docs/examples');
  const text = await readFile(join(examples, 'cluster.yaml'), 'utf8');
  await writeFile(join(dir, 'cluster.yaml'), text.replace(/^kind: el6$/m, 'kind: lts'));
  await cp(join(examples, 'ospf.key'), join(dir, 'ospf.key'));
  expectCode(await runFactory(['configure', join(dir, 'cluster.yaml'), '--out', join(dir, 'configured')]), 0);
  return filesOf(join(dir, 'configured'), 'in/hosts/');
}

async function scripts(): Promise<TarFile[]> {
  return [
    ...(await filesOf(STEPS, 'step/', (path) => /^verify_boot_(guest|client)\.py$/.test(path))),
    ...(await filesOf(resolve(import.meta.dirname, 'hosts'), 'step/', (path) => path.endsWith('.py'))),
  ];
}

function table(steps: readonly Step[]): string {
  const width = Math.max(...steps.map(({ step }) => step.length));
  const lines = steps.map(
    ({ step, seconds, seen, ok }) =>
      `${ok ? 'ok ' : 'BAD'} ${step.padEnd(width)} ${String(seconds).padStart(4)} s  ${seen}`,
  );
  const all = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  return [...lines, `    ${'all'.padEnd(width)} ${String(all).padStart(4)} s`].join('\n');
}

function tails(consoles: ReadonlyMap<string, string>): string {
  return [...consoles].map(([name, text]) => `${name}:\n${text.split('\n').slice(-12).join('\n')}`).join('\n\n');
}
