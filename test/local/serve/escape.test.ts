import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startRig } from './rig.ts';
import type { Rig } from './rig.ts';

async function withSecrets(): Promise<Rig> {
  const rig = await startRig();
  await writeFile(join(rig.outside, 'secret'), 'secret');
  await writeFile(join(rig.outside, 'rootsecret'), 'secret');
  await rig.put('el6/ok', 'fine');
  await rig.put('.env', 'secret');
  await rig.put('.git/config', 'secret');
  await rig.put('el6/.tmp/x', 'secret');
  await rig.put('el6/snapshots/new.partial/x', 'secret');
  await symlink(join(rig.outside, 'secret'), join(rig.root, 'el6/link'));
  await symlink('..', join(rig.root, 'up'));
  await symlink('../..', join(rig.root, 'el6/upup'));
  await symlink('../.env', join(rig.root, 'el6/env'));
  await symlink('loop', join(rig.root, 'loop'));
  await symlink('ok', join(rig.root, 'el6/inside'));
  return rig;
}

describe('nothing outside the root, nothing hidden', () => {
  test.each([
    '/../secret',
    '/el6/../../secret',
    '/%2e%2e/secret',
    '/%2E%2e/%2e%2E/secret',
    '/el6/..%2f..%2fsecret',
    '/..%5csecret',
    '/..\\secret',
    '/el6/%2e/ok',
    '/el6/./ok',
    '/%252e%252e/secret',
    '/....//secret',
    '//../secret',
    '/../rootsecret',
    '/el6/link',
    '/up/secret',
    '/el6/upup/secret',
    '/el6/env',
    '/loop',
    '/.env',
    '/.git/config',
    '/%2egit/config',
    '/el6/.tmp/x',
    '/el6/snapshots/new.partial/x',
    '/el6/snapshots/new.partial/',
    '/el6/ok%00.rpm',
    '/el6/ok%0a',
    '/el6/%ff',
    '/el6/%',
    '/el6/ok/',
    '/el6/ok/x',
    `/${'x'.repeat(300)}`,
    'el6/ok',
    'http://127.0.0.1/el6/ok',
    '*',
  ])('%s', async (path) => {
    await using rig = await withSecrets();
    const answer = await rig.ask(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('secret');
  });

  test('but what is there, also by a link that stays inside', async () => {
    await using rig = await withSecrets();
    expect((await rig.ask('/el6/ok')).text).toBe('fine');
    expect((await rig.ask('//el6///%6fk')).text).toBe('fine');
    expect((await rig.ask('/el6/inside')).text).toBe('fine');
  });

  test('a named pipe does not hold the request', async () => {
    await using rig = await startRig();
    await promisify(execFile)('mkfifo', [join(rig.root, 'pipe')]);
    expect((await rig.ask('/pipe')).status).toBe(404);
  });
});

describe('the pointer', () => {
  const published = async (): Promise<Rig> => {
    const rig = await startRig();
    await rig.put('el6/current', '20240102-abc\n');
    await rig.put('el6/snapshots/20240102-abc/repodata/repomd.xml', '<repomd/>');
    return rig;
  };

  test('mirrorlist is one snapshot under the name that the client used', async () => {
    await using rig = await published();
    const ask = async (host: string) => rig.ask('/el6/mirrorlist', { headers: { host } });
    const { status, text: line, headers } = await ask('repo.example:8080');
    expect([status, line]).toEqual([200, 'http://repo.example:8080/el6/snapshots/20240102-abc/\n']);
    expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' });
    expect((await ask('[::1]:80')).text).toBe('http://[::1]:80/el6/snapshots/20240102-abc/\n');
    await rig.put('el6/current', '20240103-def\n');
    expect((await ask('h')).text).toBe('http://h/el6/snapshots/20240103-def/\n');
  });

  test('what it names is there', async () => {
    await using rig = await published();
    const list = (await rig.ask('/el6/mirrorlist')).text.trim();
    expect(list.startsWith(rig.url)).toBe(true);
    expect((await rig.ask(`${new URL(list).pathname}repodata/repomd.xml`)).text).toBe('<repomd/>');
  });

  test('the .repo file checks packages and metadata', async () => {
    await using rig = await published();
    const { text: repo } = await rig.ask('/el6/fullnat-el6.repo', { headers: { host: 'h:1' } });
    expect(repo.split('\n')).toEqual(
      expect.arrayContaining([
        '[fullnat-el6]',
        'mirrorlist=http://h:1/el6/mirrorlist',
        'gpgcheck=1',
        'repo_gpgcheck=1',
        'gpgkey=http://h:1/el6/RPM-GPG-KEY-factory',
      ]),
    );
  });

  test.each(['evil\\host', 'a/b', 'user@host', 'host:port', 'a b', '-a', 'a.', '<script>', 'x'.repeat(300), ''])(
    'refuses the host %j',
    async (host) => {
      await using rig = await published();
      const socket = connect(Number(new URL(rig.url).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET /el6/mirrorlist HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
    },
  );

  test('no pointer, or none that makes sense: not found', async () => {
    await using rig = await published();
    await rig.put('lts/current', '../../etc\n');
    for (const path of [
      '/none/mirrorlist',
      '/lts/mirrorlist',
      '/lts/fullnat-lts.repo',
      '/mirrorlist',
      '/el6/mirrorlist/',
    ]) {
      expect((await rig.ask(path)).status).toBe(404);
    }
  });

  test('HEAD of it has the length and no body', async () => {
    await using rig = await published();
    const answer = await rig.ask('/el6/mirrorlist', { method: 'HEAD', headers: { host: 'h' } });
    expect([answer.status, answer.headers['content-length'], answer.text]).toEqual([200, '37', '']);
  });
});
