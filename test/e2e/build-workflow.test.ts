import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lock } from '../../pipeline/recipe/lock.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { changeRecipe, forgetRegistry, ownImage, realImages, removeOwnImages } from '../helpers/own-images.ts';
import { registryServer, type RegistryServer } from '../helpers/registry-server.ts';
import { expectCode, runFactory } from '../helpers/run-factory.ts';
import { membersIn, packed, type RawMember } from '../helpers/tar-members.ts';
import { RunArtifacts } from '../helpers/workflow/artifacts.ts';
import { checkout } from '../helpers/workflow/checkout.ts';
import { contents, madeOn, packagesIn, recordsOf } from '../helpers/workflow/machine-state.ts';
import { WorkflowRun } from '../helpers/workflow/run-workflow.ts';

/**
 * build.yml's jobs in their order, the texts of the file itself, each on a machine of its own: a checkout and an artifacts directory
 * that only it uses. The machines share the engine, whose images of this recipe are removed before each job, a registry that one
 * machine has filled, and beside them only what the jobs upload. The small recipe, with one package that is built against the
 * other, so that there are two waves.
 */
const WORKFLOW = resolve(import.meta.dirname, '../../.github/workflows/build.yml');
const RELEASE = resolve(WORKFLOW, '../release.yml');
const RECIPE = 'test/fixtures/recipes/hello';
const NAME = `wf${String(process.pid)}`;
const PASSPHRASE = 'only for this test';
let dir: string;
let template: string;
let run: WorkflowRun;
let artifacts: RunArtifacts;
let secrets: Record<string, string>;
let registry: RegistryServer;
let machines = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factory-workflow-'));
  template = join(dir, 'template');
  await checkout(template);
  const file = join(template, RECIPE, 'recipe.yaml');
  const needs = '    needs: [{ package: hello-director, rpm: hello }]\n';
  const [builder, target] = await realImages();
  await ownImage(template, `${NAME}-builder`, builder);
  await ownImage(template, `${NAME}-target`, target);
  await changeRecipe(file, [
    ['    buildid: .toa\n', `${needs}    buildid: .toa\n`],
    ['context: debian-builder', `context: ${NAME}-builder`],
    ['context: debian-target', `context: ${NAME}-target`],
  ]);

  const [key, passphrase] = [join(dir, 'key.asc'), join(dir, 'passphrase')];
  await writeFile(passphrase, `${PASSPHRASE}\n`, { mode: 0o600 });
  const make = ['key', 'new', '--bits', '2048', '--out', key, '--passphrase-file', passphrase];
  expectCode(await factory(join(dir, 'key-artifacts'), ...make), 0);
  secrets = { FACTORY_SIGNING_KEY: await readFile(key, 'utf8'), FACTORY_SIGNING_PASSPHRASE: PASSPHRASE };

  // What a release has left: its images in the registry, and the packages that one machine makes.
  registry = await registryServer({ open: true });
  expectCode(await factory(one(), 'build', '--only', 'kernels'), 0);
  expectCode(await factory(one(), 'images', 'push', '--image-cache', images()), 0);

  artifacts = await RunArtifacts.in(join(dir, 'uploaded'));
  run = await start();
  await run.run();
});
afterAll(async () => {
  await forgetRegistry(registry.host);
  await removeOwnImages(NAME);
  await registry[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const one = (): string => join(dir, 'one-machine');
const images = (): string => `${registry.host}/acme/fullnat`;

const start = () =>
  WorkflowRun.of(WORKFLOW, {
    workspace: machine,
    artifacts,
    inputs: { recipe: RECIPE, cache: false, images: images() },
    secrets,
    before: () => removeOwnImages(NAME),
  });

async function machine(name: string): Promise<string> {
  const workspace = join(dir, `${String((machines += 1))}-${name}`);
  await cp(template, workspace, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return workspace;
}

const factory = (root: string, ...args: string[]) =>
  runFactory([...args, '--recipe', join(template, RECIPE), '--artifacts', root], { checkout: template });

const workspaceOf = (job: string): string => run.jobs.get(job)?.workspaces[0] ?? '';

test('all jobs end well, one machine per package', () => {
  const failed = run.ran.filter(({ code }) => code !== 0);
  expect(failed).toEqual([]);
  expect([...run.jobs].map(([name, { result, workspaces }]) => [name, result, workspaces.length])).toEqual([
    ['plan', 'success', 1],
    ['first', 'success', 1],
    ['second', 'success', 1],
    ['publish', 'success', 1],
  ]);
  expect(JSON.parse(run.jobs.get('plan')?.outputs.matrix ?? '')).toEqual({
    recipe: 'hello',
    waves: [
      [{ package: 'hello-director', slot: 0, needs: [] }],
      [{ package: 'hello-backend', slot: 1, needs: ['hello-director'] }],
    ],
  });
});

test('every package is built once, on its machine, and none where it is signed', async () => {
  const builds = async (job: string): Promise<string[]> =>
    (await madeOn(workspaceOf(job))).filter((id) => /^(assemble|rebuild)-srpm:/.test(id)).sort();
  expect(await builds('plan')).toEqual([]);
  expect(await builds('first')).toEqual(['assemble-srpm:hello-director', 'rebuild-srpm:hello-director']);
  expect(await builds('second')).toEqual(['assemble-srpm:hello-backend', 'rebuild-srpm:hello-backend']);
  expect(await builds('publish')).toEqual([]);
  expect(await madeOn(workspaceOf('publish'))).toContain('sign:hello-backend');
});

test('every machine has its images from the registry, later ones by the digest that the first one found; none travels as a file', async () => {
  const pulledOn = async (job: string): Promise<string[]> =>
    (await recordsOf(join(workspaceOf(job), 'artifacts')))
      .filter(({ step }) => step.startsWith(`builder-image:${NAME}`))
      .map(({ step, facts }) => `${step} ${String(facts.pulled)}`)
      .sort();
  const lock = await readFile(join(workspaceOf('plan'), 'vendored/lock.json'), 'utf8');
  const pinned = Object.entries((JSON.parse(lock) as Lock).images)
    .filter(([name]) => name.startsWith(NAME))
    .map(([name, entry]) => `builder-image:${name} ${'pushed' in entry ? String(entry.pushed) : ''}`);
  expect(pinned).toHaveLength(2);
  for (const [at, name] of [`${NAME}-builder`, `${NAME}-target`].entries())
    expect(pinned[at]).toMatch(new RegExp(`^builder-image:${name} ${images()}/${name}@sha256:[0-9a-f]{64}$`));
  expect(await pulledOn('plan')).toEqual(pinned);
  for (const job of ['first', 'second']) expect(await pulledOn(job)).toEqual(pinned.slice(0, 1));
  expect(await pulledOn('publish')).toEqual(pinned);
  const files = await readdir(join(artifacts.dir, 'vendored'), { recursive: true });
  expect(files.filter((name) => name.includes(NAME))).toEqual([]);
});

test('the same packages as on one machine, bit for bit', async () => {
  const packages = await packagesIn(one());
  expect(Object.keys(packages)).toHaveLength(4);
  expect(await packagesIn(join(workspaceOf('publish'), 'artifacts'))).toEqual(packages);
});

test('what comes out: the repository as one file of the digest that is told, with its snapshot, signed by the key that was given', async () => {
  const outputs = run.jobs.get('publish')?.outputs ?? {};
  const file = join(artifacts.dir, outputs.artifact ?? '', 'repository-hello.tar');
  const bytes = await readFile(file);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(outputs.sha256);
  const published = join(workspaceOf('publish'), 'artifacts/repository/hello');
  expect(outputs.snapshot).toBe((await readFile(join(published, 'current'), 'utf8')).trim());
  const shown = await factory(dir, 'key', 'show', join(published, 'RPM-GPG-KEY-factory'), '--json');
  const own = await factory(dir, 'key', 'show', join(dir, 'key.asc'), '--json');
  const fingerprint = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as { fingerprint: string }).fingerprint;
  expect(fingerprint(shown)).toBe(fingerprint(own));
});

test('the secrets are in no output of any step, and in nothing that is uploaded as text', async () => {
  const word = secrets.FACTORY_SIGNING_KEY?.split('\n')[4] ?? '';
  expect(word).toMatch(/^[A-Za-z0-9+/]{64}$/);
  for (const { output } of run.ran) for (const one of [word, PASSPHRASE]) expect(output).not.toContain(one);
  const runs = await readdir(join(artifacts.dir, 'runs'), { recursive: true, withFileTypes: true });
  for (const entry of runs.filter((one) => one.isFile())) {
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
    for (const one of [word, PASSPHRASE]) expect(text).not.toContain(one);
  }
});

test("release.yml's job images: pushes builders and the repository, and attests what is in the registry", async () => {
  const text = (await readFile(RELEASE, 'utf8')).replaceAll('ghcr.io', registry.host);
  const file = join(dir, 'release.yml');
  await writeFile(file, text.replace('RECIPE: lts', `RECIPE: ${RECIPE}`));
  const release = await WorkflowRun.of(file, { workspace: machine, artifacts, inputs: {}, secrets: {} });
  const { lock = '' } = run.jobs.get('plan')?.outputs ?? {};
  const outputs = { ...run.jobs.get('publish')?.outputs, lock };
  release.jobs.set('build', { result: 'success', outputs, workspaces: [] });
  release.jobs.set('attest', { result: 'success', outputs: {}, workspaces: [] });
  // `docker login` writes a file.
  process.env.DOCKER_CONFIG = join(dir, 'docker-config');
  try {
    await release.run(['images']);
  } finally {
    delete process.env.DOCKER_CONFIG;
  }
  expect(release.ran.filter(({ code }) => code !== 0)).toEqual([]);
  const subjects = release.attested.map((given) => [given['subject-name'], given['push-to-registry']]);
  expect(subjects).toEqual([`${NAME}-builder`, 'repository'].map((name) => [`${images()}/${name}`, 'true']));
  for (const given of release.attested) {
    const path = (given['subject-name'] ?? '').replace(registry.host, '');
    const answer = await fetch(`http://${registry.host}/v2${path}/manifests/${given['subject-digest'] ?? ''}`, {
      headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('docker-content-digest')).toBe(given['subject-digest']);
  }
});

describe('an archive that was changed on the way', () => {
  const archive = () => join(artifacts.dir, 'package-hello-director/hello-director.tar');

  /** The archive with other bytes, in a file of its own: artifacts are hard links. */
  async function changed(change: (bytes: Buffer) => Buffer | Promise<Buffer>): Promise<string> {
    const file = join(dir, 'changed.tar');
    await writeFile(file, await change(await readFile(archive())));
    return file;
  }

  async function refused(file: string, words: RegExp, ...more: string[]): Promise<void> {
    const empty = join(dir, `empty-${String((machines += 1))}`);
    const { code, stdout, stderr } = await factory(empty, 'import', file, ...more);
    expect(stderr).toMatch(words);
    expect(stderr).toContain('Nothing was imported');
    expect(code).toBe(5);
    expect(stdout).toBe('');
    expect(await contents(empty)).toEqual([]);
  }

  test('is taken as it is', async () => {
    const empty = join(dir, 'empty');
    expectCode(await factory(empty, 'import', archive()), 0);
    expect((await recordsOf(empty)).map(({ step }) => step).sort()).toEqual([
      'assemble-srpm:hello-director',
      'rebuild-srpm:hello-director',
    ]);
  });

  test('stops the job that signs before it has done anything: annotation, exit code, nothing imported', async () => {
    const good = join(dir, 'good.tar');
    await rename(archive(), good);
    try {
      await cp(good, archive());
      await flipByte(archive());
      const again = await start();
      for (const [name, result] of run.jobs) again.jobs.set(name, result);
      await again.run(['publish']);
      const publish = again.jobs.get('publish');
      expect(publish?.result).toBe('failure');
      const [failed, ...later] = again.ran.filter(({ code }) => code !== 0);
      expect(later).toEqual([]);
      expect(failed?.command).toContain('bin/factory import');
      expect(failed?.code).toBe(5);
      expect(failed?.output).toMatch(/has the sha256 [0-9a-f]{64} instead of [0-9a-f]{64}/);
      expect(failed?.output).toMatch(/^::error /m);
      expect(again.ran.at(-1)).toBe(failed);
      expect(await contents(join(publish?.workspaces[0] ?? '', 'artifacts'))).toEqual([]);
    } finally {
      await rename(good, archive());
    }
  });

  test('a flipped byte', async () => {
    await refused(
      await changed((bytes) => {
        bytes[bytes.indexOf('\u00ed\u00ab\u00ee\u00db', 0, 'latin1') + 200]! ^= 1;
        return bytes;
      }),
      /objects\/[0-9a-f]{64} its bytes have the sha256/,
    );
  });

  test('an object in the place of another', async () => {
    const file = await changed(async () => {
      const members = await membersIn(archive());
      const objects = members.filter(({ name }) => name.startsWith('objects/'));
      const [a, b] = objects as [RawMember, RawMember];
      return packed(
        members.map((one) => (one === a ? { ...a, bytes: b.bytes } : one === b ? { ...b, bytes: a.bytes } : one)),
      );
    });
    await refused(file, /objects\/[0-9a-f]{64} (has \d+ bytes instead of|its bytes have)/);
  });

  test('a member too many', async () => {
    const evil = { name: 'objects/../../evil', bytes: Buffer.from('evil') };
    await refused(
      await changed(async () => packed([...(await membersIn(archive())), evil])),
      /what its index names makes/,
    );
  });

  test('of another digest than the one that was told', async () => {
    await refused(archive(), /has the sha256 [0-9a-f]{64} instead of a{64}/, '--sha256', 'a'.repeat(64));
  });
});
