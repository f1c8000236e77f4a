import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { MTIME, startRig } from './rig.ts';

/** More than the kernel buffers for a client that does not read. */
const SOCKET_AND_MORE = 16_000_000;

test('sends a file with everything a client needs', async () => {
  await using rig = await startRig();
  await rig.put('el6/snapshots/a/RPMS/x.rpm', 'bytes');
  const { status, headers, text } = await rig.ask('/el6/snapshots/a/RPMS/x.rpm?ignored=1');
  expect([status, text]).toEqual([200, 'bytes']);
  expect(headers).toMatchObject({
    'content-type': 'application/x-rpm',
    'content-length': '5',
    'accept-ranges': 'bytes',
    'last-modified': MTIME.toUTCString(),
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  });
  expect(headers.etag).toMatch(/^W\/"\w+-\w+"$/);
});

test.each([
  ['repomd.xml', 'application/xml'],
  ['primary.xml.gz', 'application/gzip'],
  ['repomd.xml.asc', 'application/pgp-signature'],
  ['director.json', 'application/json'],
  ['page.html', 'text/html; charset=utf-8'],
  ['timeline.svg', 'image/svg+xml'],
  ['SHA256SUMS', 'text/plain; charset=utf-8'],
  ['what.ever', 'application/octet-stream'],
])('%s is %s', async (name, type) => {
  await using rig = await startRig();
  await rig.put(name, '');
  const { status, headers } = await rig.ask(`/${name}`);
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, type, 'no-cache']);
});

test.each([
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=8-', 206, '89', 'bytes 8-9/10'],
  ['bytes=9-9', 206, '9', 'bytes 9-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=-0', 416, '', 'bytes */10'],
  ['bytes=5-4', 200, '0123456789', undefined],
  ['bytes=0-1,4-5', 200, '0123456789', undefined],
  ['bytes=-', 200, '0123456789', undefined],
  ['bytes=a-b', 200, '0123456789', undefined],
  ['lines=0-1', 200, '0123456789', undefined],
])('Range: %s gives %i', async (range, status, text, contentRange) => {
  await using rig = await startRig();
  await rig.put('f.bin', '0123456789');
  const answer = await rig.ask('/f.bin', { headers: { range } });
  expect([answer.status, answer.text, answer.headers['content-range']]).toEqual([status, text, contentRange]);
  expect(answer.headers['content-length']).toBe(String(text.length));
});

test('a range of an empty file is outside', async () => {
  await using rig = await startRig();
  await rig.put('f.bin', '');
  expect((await rig.ask('/f.bin', { headers: { range: 'bytes=0-' } })).status).toBe(416);
  expect((await rig.ask('/f.bin')).status).toBe(200);
});

test('If-Range: only the same date gives a part', async () => {
  await using rig = await startRig();
  await rig.put('f.bin', '0123456789');
  const { etag = '' } = (await rig.ask('/f.bin')).headers;
  const ask = async (condition: string) =>
    (await rig.ask('/f.bin', { headers: { range: 'bytes=5-', 'if-range': condition } })).text;
  expect(await ask(MTIME.toUTCString())).toBe('56789');
  expect(await ask(new Date(0).toUTCString())).toBe('0123456789');
  expect(await ask(etag)).toBe('0123456789');
});

test('conditional requests', async () => {
  await using rig = await startRig();
  await rig.put('f.bin', '0123456789');
  const { etag = '' } = (await rig.ask('/f.bin')).headers;
  const old = new Date(0).toUTCString();
  const now = MTIME.toUTCString();
  const ask = async (headers: Record<string, string>) => (await rig.ask('/f.bin', { headers })).status;
  expect(await ask({ 'if-none-match': etag })).toBe(304);
  expect(await ask({ 'if-none-match': `"x", ${etag.slice(2)}` })).toBe(304);
  expect(await ask({ 'if-none-match': '*' })).toBe(304);
  expect(await ask({ 'if-none-match': '"x"', 'if-modified-since': now })).toBe(200);
  expect(await ask({ 'if-modified-since': now })).toBe(304);
  expect(await ask({ 'if-modified-since': old })).toBe(200);
  await rig.put('f.bin', '01234567890');
  expect(await ask({ 'if-none-match': etag })).toBe(200);
});

test('HEAD sends only headers, and no part', async () => {
  await using rig = await startRig();
  await rig.put('f.bin', '0123456789');
  const { status, headers, text } = await rig.ask('/f.bin', { method: 'HEAD', headers: { range: 'bytes=5-' } });
  expect([status, headers['content-length'], text]).toEqual([200, '10', '']);
});

test('other methods', async () => {
  await using rig = await startRig();
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const { status, headers } = await rig.ask('/', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  }
});

test('directories: a redirect to the slash, index.html, else a listing without hidden names', async () => {
  await using rig = await startRig();
  await rig.put('with/index.html', '<p>page');
  await rig.put('a & b/<i>.rpm', '');
  await rig.put('a & b/sub/x', '');
  await rig.put('a & b/.hidden', '');
  await rig.put('a & b/next.partial/x', '');
  const redirect = await rig.ask('//a%20%26%20b');
  expect([redirect.status, redirect.headers.location]).toEqual([301, '/a%20%26%20b/']);
  expect((await rig.ask('/with/')).text).toBe('<p>page');
  const { text, headers } = await rig.ask('/a%20%26%20b/');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(text.match(/<li>.*/g)).toEqual([
    '<li><a href="../">../</a>',
    '<li><a href="/a%20%26%20b/sub/">sub/</a>',
    '<li><a href="/a%20%26%20b/%3Ci%3E.rpm">&#60;i&#62;.rpm</a>',
  ]);
});

test('two downloads at once, one of them slow', async () => {
  await using rig = await startRig();
  const big = Buffer.alloc(SOCKET_AND_MORE, 'fullnat');
  await rig.put('big.rpm', big);
  const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const slow = await rig.begin('/big.rpm');
  const fast = await rig.ask('/big.rpm');
  expect(sha(fast.body)).toBe(sha(big));
  await expect.poll(() => rig.log).toEqual([expect.stringMatching(/^GET \/big.rpm 200 16000000 \d+ ms$/)]);
  expect(sha(await buffer(slow))).toBe(sha(big));
});

test('a file that shrinks meanwhile breaks the connection instead of leaving the client waiting', async () => {
  await using rig = await startRig();
  await rig.put('big.rpm', Buffer.alloc(SOCKET_AND_MORE));
  const incoming = await rig.begin('/big.rpm', 'GET', { connection: 'keep-alive' });
  await truncate(join(rig.root, 'big.rpm'), 10);
  await expect(buffer(incoming)).rejects.toThrow('aborted');
});

test('close lets a running download finish and takes no new one', async () => {
  await using rig = await startRig();
  await rig.put('big.rpm', Buffer.alloc(SOCKET_AND_MORE));
  const running = await rig.begin('/big.rpm');
  const closing = rig.server.close();
  await expect(rig.ask('/big.rpm')).rejects.toThrow('ECONNREFUSED');
  expect((await buffer(running)).length).toBe(SOCKET_AND_MORE);
  await closing;
});

test('close does not wait for ever for a client that does not read', async () => {
  await using rig = await startRig(50);
  await rig.put('big.rpm', Buffer.alloc(SOCKET_AND_MORE));
  const running = await rig.begin('/big.rpm');
  await rig.server.close();
  await expect(buffer(running)).rejects.toThrow('aborted');
});

test('a client that leaves is one line in the log and no error', async () => {
  await using rig = await startRig();
  await rig.put('big.rpm', Buffer.alloc(SOCKET_AND_MORE));
  const incoming = await rig.begin('/big.rpm');
  incoming.destroy();
  await once(incoming, 'close');
  await expect.poll(() => rig.log).toEqual([expect.stringMatching(/^GET \/big.rpm 200 16000000 \d+ ms aborted$/)]);
});
