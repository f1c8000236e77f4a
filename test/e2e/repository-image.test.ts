import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownerOf } from '../../pipeline/cli/session.ts';
import { createHost } from '../../pipeline/tools/host/index.ts';
import { dnfHost } from '../helpers/dnf-host.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { ask } from '../helpers/http-ask.ts';
import { repositoryContainer, type RepositoryContainer } from '../helpers/repository-container.ts';
import { expectCode, workplace, type Workplace } from '../helpers/run-factory.ts';

/** `factory image` on the small recipe; each test goes on from the one before. */
const engine = new Docker();
let place: Workplace;
let server: RepositoryContainer;
const open: AsyncDisposable[] = [];
let made: { image: string; made: boolean; tags: string[]; snapshots: string[] };
let target = '';
let id = '';
const TAG = `fullnat-test/repository-${process.pid}:hello`;

beforeAll(async () => {
  place = await workplace();
});
afterAll(async () => {
  for (const one of open.toReversed()) await one[Symbol.asyncDispose]();
  for (const image of await images()) await engine.getImage(image).remove({ force: true });
  await place[Symbol.asyncDispose]();
});

const repository = (...path: string[]): string => join(place.artifacts, 'repository/hello', ...path);

/** Images of repositories that runs on this artifacts directory made. */
async function images(): Promise<string[]> {
  const label = [`fullnat-factory.owner=${ownerOf(place.artifacts)}`, 'fullnat-factory.step=repository hello'];
  return (await engine.listImages({ filters: { label } })).map(({ Id }) => Id);
}

const layersOf = async (image: string): Promise<string[]> =>
  (await engine.getImage(image).inspect()).RootFS.Layers ?? [];

async function makeImage(...args: string[]): Promise<typeof made> {
  const run = await place.run(['image', '--json', ...args]);
  expectCode(run, 0);
  return JSON.parse(run.stdout) as typeof made;
}

test('of nothing that is published no image is made', async () => {
  const run = await place.run(['image']);
  expectCode(run, 2);
  expect(run.stderr).toContain('nothing of recipe hello is published');
  const bad = await place.run(['image', '--tag', 'No Name']);
  expectCode(bad, 2);
  expect(bad.stderr).toContain('is no name for an image');
});

test('an image of the current snapshot, with labels that say what it is', async () => {
  const published = await place.run(['publish', '--json']);
  expectCode(published, 0);
  target =
    published.events
      .flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []))
      .find(({ name, kind }) => kind === 'image' && name === 'debian-target')?.engineId ?? '';
  id = readFileSync(repository('current'), 'utf8').trim();
  made = await makeImage('--tag', TAG);
  expect(made).toMatchObject({ made: true, snapshots: [id], tags: [`fullnat-factory/repository:hello-${id}`, TAG] });
  const { Config, Id } = await engine.getImage(TAG).inspect();
  expect(Id).toBe(made.image);
  const pointer = readFileSync(repository('pointer.asc'), 'utf8');
  expect(Config.User).toBe('1000:1000');
  expect(Config.Labels).toMatchObject({
    'fullnat-factory.recipe': 'hello',
    'org.opencontainers.image.version': id,
    'org.opencontainers.image.revision': expect.stringMatching(`^sha256:${id.replace(/^.*-/, '')}`) as unknown,
    'org.opencontainers.image.created': /"publishedAt": "(.*)"/.exec(pointer)?.[1],
  });
  server = await repositoryContainer(made.image);
  open.push(server);
});

test('the same again: it is there already', async () => {
  expect(await makeImage()).toMatchObject({ made: false, image: made.image });
  const { stdout } = await place.run(['image']);
  expect(stdout).toContain('is there already');
});

describe('what it serves', () => {
  const rpm = (): string => `/hello/snapshots/${id}/RPMS/${readdirSync(repository('snapshots', id, 'RPMS'))[0] ?? ''}`;

  test('every file that is published, byte for byte, with its type', async () => {
    for (const path of readdirSync(repository('snapshots', id), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(repository().length))) {
      const { status, body } = await ask(server.url, `/hello${path}`);
      expect([path, status]).toEqual([path, 200]);
      expect(body === readFileSync(repository(path), 'utf8')).toBe(true);
    }
    const types: [string, string][] = [
      [rpm(), 'application/x-rpm'],
      [`/hello/snapshots/${id}/repodata/repomd.xml`, 'application/xml'],
      [`/hello/snapshots/${id}/`, 'text/html; charset=utf-8'],
      [`/hello/snapshots/${id}/SHA256SUMS`, 'text/plain; charset=utf-8'],
      ['/hello/pointer.asc', 'application/pgp-signature'],
      ['/hello/check-repository.sh', 'text/plain; charset=utf-8'],
      ['/hello/check-repository.sh.asc', 'application/pgp-signature'],
      ['/hello/RPM-GPG-KEY-factory', 'text/plain; charset=utf-8'],
      ['/hello/current', 'text/plain; charset=utf-8'],
    ];
    for (const [path, type] of types) {
      const head = await ask(server.url, path, { method: 'HEAD' });
      expect([path, head.status, head.headers['content-type'], head.body]).toEqual([path, 200, type, '']);
    }
  });

  test('ranges, conditions and what is not a GET', async () => {
    const whole = readFileSync(repository(rpm().slice('/hello/'.length)));
    const part = await ask(server.url, rpm(), { headers: { range: 'bytes=10-99' } });
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 10-99/${whole.length}`]);
    expect(part.headers['content-length']).toBe('90');
    const outside = await ask(server.url, rpm(), { headers: { range: 'bytes=99999999-' } });
    expect([outside.status, outside.headers['content-range']]).toEqual([416, `bytes */${whole.length}`]);
    const { headers } = await ask(server.url, rpm(), { method: 'HEAD' });
    expect(headers['cache-control']).toContain('immutable');
    const again = { 'if-none-match': String(headers.etag) };
    expect((await ask(server.url, rpm(), { headers: again })).status).toBe(304);
    const since = { 'if-modified-since': String(headers['last-modified']) };
    expect((await ask(server.url, rpm(), { headers: since })).status).toBe(304);
    expect((await ask(server.url, rpm(), { method: 'POST' })).status).toBe(405);
    expect((await ask(server.url, '/hello/current')).headers['cache-control']).toBe('no-cache');
  });

  test('mirror list and .repo file follow the name under which the client knows the server', async () => {
    const list = async (headers: Record<string, string>): Promise<string> =>
      (await ask(server.url, '/hello/mirrorlist', { headers })).body;
    expect(await list({ host: 'repo.example:81' })).toBe(`http://repo.example:81/hello/snapshots/${id}/\n`);
    expect(await list({ host: '[fd00::1]' })).toBe(`http://[fd00::1]/hello/snapshots/${id}/\n`);
    expect(await list({ host: 'repo.example', 'x-forwarded-proto': 'https' })).toContain('https://repo.example/');
    const repo = await ask(server.url, '/hello/fullnat-hello.repo', { headers: { host: 'repo.example' } });
    expect(repo.body).toContain('mirrorlist=http://repo.example/hello/mirrorlist\n');
    expect(repo.body).toContain('repo_gpgcheck=1\n');
    for (const host of ['a"b', 'a/b', 'a b', '$host'])
      expect((await ask(server.url, '/hello/mirrorlist', { headers: { host } })).status).toBe(400);
  });

  test('the page where a person looks first', async () => {
    for (const path of ['/', '/hello', '/hello/'])
      expect((await ask(server.url, path)).headers.location).toBe(`/hello/snapshots/${id}/`);
    expect((await ask(server.url, `/hello/snapshots/${id}`)).headers.location).toBe(`/hello/snapshots/${id}/`);
  });

  test.each([
    ...['/hello/snapshots', '/hello/snapshots/', '/hello/keys/', '/hello/pinned', '/other/', '/srv', '/etc/passwd'],
    ...['/hello/%2e%2e/etc/passwd', '/hello/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '/hello/../../../etc/passwd'],
    ...['/hello/..%2f..%2f..%2fetc/passwd', '/hello/..%5c..%5cetc', '/..\\etc', '/hello//../../../etc/passwd'],
    ...['/hello/%252e%252e/', '/hello/current/', '/hello/current%00.asc'],
  ])('nothing else, no lists, no way out: %s', async (path) => {
    const { status, body } = await ask(server.url, path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain('root:');
    expect(body).not.toContain('<a ');
  });

  test('no list of a folder of a snapshot either', async () => {
    for (const folder of ['RPMS', 'repodata', 'evidence'])
      expect((await ask(server.url, `/hello/snapshots/${id}/${folder}/`)).status).toBe(404);
  });
});

test('a host installs from it with both signature checks on', async () => {
  await using host = await dnfHost(target, `${server.url}/hello/fullnat-hello.repo`);
  const { code, output } = await host.run(
    'grep -c check=1 /etc/yum.repos.d/factory.repo && dnf -y --setopt=skip_if_unavailable=0 --enablerepo=fullnat-hello install hello && hello',
  );
  expect(output).toMatch(/^hello.*\.fn12\.(toa|ipvs_20bit)/m);
  expect(code).toBe(0);
  expect(output).toMatch(/^2$/m);
});

test('it runs as nobody special, says that it is well, and ends gently', async () => {
  expect(await server.exec('id', '-u')).toBe('1000');
  await server.exec('/bin/bash', '/usr/share/fullnat-factory/health.sh');
  await expect(server.exec('touch', '/srv/repository/x')).rejects.toThrow('Read-only file system');
  const { code, log } = await server.stop();
  expect(code).toBe(0);
  expect(log).toMatch(/GET \/hello\/mirrorlist 200/);
  expect(log).not.toMatch(/emerg|alert|error/);
});

test('made again from nothing: the same layers; after a renewal only the last one differs', async () => {
  const before = await layersOf(made.image);
  await server[Symbol.asyncDispose]();
  // With its untagged parents: else the engine would take the layers from its cache.
  for (const image of await images()) await engine.getImage(image).remove({ force: true });
  const again = await makeImage();
  expect(again.made).toBe(true);
  expect(again.image).not.toBe(made.image);
  expect(await layersOf(again.image)).toEqual(before);
  expectCode(await place.run(['renew']), 0);
  const renewed = await makeImage();
  expect(renewed.made).toBe(true);
  const after = await layersOf(renewed.image);
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
  expect(after.at(-1)).not.toBe(before.at(-1));
});

test('no mirror is in its history or its files', async () => {
  const { secretHosts } = await createHost({ env: process.env }).aptMirrors();
  const [image = ''] = await images();
  const { stdout } = await promisify(execFile)('docker', ['history', '--no-trunc', '--format', '{{json .}}', image]);
  expect(stdout).toContain('install.sh');
  for (const host of secretHosts) expect(stdout).not.toContain(host);
});

describe('a published tree that is not as it was published: refused, and nothing is built', () => {
  const files: [string, () => string][] = [
    ['a package', () => join('snapshots', id, 'RPMS', readdirSync(repository('snapshots', id, 'RPMS'))[0] ?? '')],
    ['the metadata', () => join('snapshots', id, 'repodata/repomd.xml')],
    ['the pointer', () => 'pointer.asc'],
    ['the script for hosts', () => 'check-repository.sh'],
    ['the key', () => 'RPM-GPG-KEY-factory'],
  ];
  test.each(files)('%s was changed', async (_, path) => {
    const [file, count] = [repository(path()), (await images()).length];
    await flipByte(file);
    // A changed pointer would not be the one of the image that is there.
    const run = await place.run(['image']);
    await flipByte(file);
    expectCode(run, 5);
    expect(run.stderr).toContain(`snapshot ${id} is not valid`);
    expect(await images()).toHaveLength(count);
  });

  test('a signature is missing', async () => {
    await rename(repository('check-repository.sh.asc'), repository('away'));
    const run = await place.run(['image']);
    await rename(repository('away'), repository('check-repository.sh.asc'));
    expectCode(run, 5);
    expect(run.stderr).toContain('check-repository.sh.asc: missing');
  });
});

test('an older snapshot comes along when it is asked for', async () => {
  const first = id;
  const recipe = join(place.recipe, 'recipe.yaml');
  const yaml = readFileSync(recipe, 'utf8');
  const changed = yaml
    .replace(': 20', ': 21')
    .replace('.ipvs_20bit', '.ipvs_21bit')
    .replace('r: 20 bits', 'r: 21 bits');
  await writeFile(recipe, changed);
  expectCode(await place.run(['publish', '--json']), 0);
  const second = readFileSync(repository('current'), 'utf8').trim();
  const page = readFileSync(repository('snapshots', second, 'index.html'), 'utf8').replaceAll(/\s+/g, ' ');
  expect(page).toContain(`href="../${first}/"`);
  expect(page).toContain('hello-director: CONFIG_HELLO_BITS</th><td data-label="change">changed</td>');
  expect(page).toContain('data-label="before"><code>20</code></td><td data-label="now"><code>21</code>');
  expect((await makeImage()).snapshots).toEqual([second]);
  const both = await makeImage('--snapshots', '3');
  expect(both.snapshots).toEqual([second, first]);
  await using container = await repositoryContainer(both.image);
  expect((await ask(container.url, `/hello/snapshots/${first}/SHA256SUMS`)).status).toBe(200);
  expect((await ask(container.url, '/hello/mirrorlist')).body).toContain(second);
});

test('a stop lets a slow download end', async () => {
  // More than the buffers between a client and the server hold.
  const size = 96 * 1024 ** 2;
  const current = readFileSync(repository('current'), 'utf8').trim();
  await writeFile(repository('snapshots', current, 'evidence/large.txt'), Buffer.alloc(size, 'x'));
  await using container = await repositoryContainer((await makeImage()).image);
  const { body } = await fetch(`${container.directUrl}/hello/snapshots/${current}/evidence/large.txt`);
  if (body === null) throw new Error('no body');
  let received = 0;
  let stopped: ReturnType<typeof container.stop> | undefined;
  for await (const chunk of body) {
    received += (chunk as Uint8Array).length;
    if (stopped !== undefined) continue;
    stopped = container.stop();
    await setTimeout(1500);
  }
  expect(received).toBe(size);
  expect((await stopped)?.code).toBe(0);
});
