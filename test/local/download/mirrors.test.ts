import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DownloadLimits } from '../../../pipeline/tools/download/limits.ts';
import { partName } from '../../../pipeline/tools/download/part.ts';
import type { Behaviour } from '../../helpers/faulty-server.ts';
import {
  answer,
  chunked,
  dropAfter,
  endless,
  redirect,
  serve,
  silence,
  stallAfter,
  status,
  trickle,
} from '../../helpers/faulty-server.ts';
import { mirrorFailed, noise, sha256, startRig } from './rig.ts';

const bytes = noise(2000);
const wrong = noise(2000, 5);
const digest = sha256(bytes);

/** The port of a server that is gone. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

describe.concurrent('one mirror', () => {
  test.each<[string, Behaviour[]]>([
    ['503, then fine', [status(503), serve(bytes)]],
    ['408, 429 and 500, then fine', [status(408), status(429), status(500), serve(bytes)]],
    ['a Retry-After that is short enough', [status(503, { 'retry-after': '0' }), serve(bytes)]],
    ['a slow trickle', [trickle(bytes, 250, 5)]],
    ['no Content-Length', [chunked(bytes)]],
    ['a few redirects', [redirect('/1'), redirect('/1')]],
  ])('%s', async (_title, behaviours) => {
    await using rig = await startRig();
    rig.server.on('/1', redirect('/2'));
    rig.server.on('/2', serve(bytes));
    const url = rig.server.on('/f', ...behaviours);
    const made = await rig.fetch({ urls: [url] }, { limits: { tries: 4, stallMs: 1000 } });
    expect(made).toEqual({ bytes, url });
  });

  test.each<[string, Behaviour, number, string, Partial<DownloadLimits>?]>([
    ['404', status(404), 1, 'HTTP 404'],
    ['403 is final', status(403), 1, 'HTTP 403'],
    ['204', status(204), 1, 'HTTP 204'],
    ['503 again and again', status(503), 3, 'HTTP 503 (3 tries)'],
    ['a Retry-After beyond patience', status(429, { 'retry-after': '3600' }), 1, 'HTTP 429, asks to wait 3600 s'],
    [
      '206 out of the blue',
      answer(206, { 'content-range': 'bytes 0-1/2' }, 'ab'),
      1,
      'HTTP 206 to a request for the whole file',
    ],
    ['a redirect loop', redirect('/f'), 4, 'more than 3 redirects'],
    ['a redirect to another scheme', redirect('ftp://127.0.0.1/f'), 1, 'redirect to an unsupported scheme'],
    ['drops for ever', dropAfter(100, bytes), 3, 'short body: 100 of 2000 bytes (3 tries)'],
    ['stalls inside the body', stallAfter(100, bytes), 3, 'no byte for 0.04 s (3 tries)', { stallMs: 40 }],
    ['never answers', silence, 3, 'no answer within 0.05 s (3 tries)', { responseMs: 50 }],
    ['a body larger than allowed', serve(noise(5000)), 1, 'larger than 4000 bytes'],
    ['a body without an end', endless, 1, 'larger than 4000 bytes'],
    [
      'gzip that was not asked for',
      answer(200, { 'content-encoding': 'gzip' }, 'x'),
      1,
      'content encoding gzip that was not asked for',
    ],
    [
      'no HTTP at all',
      (_request, { socket }) => void socket?.end('hello\r\n\r\n'),
      3,
      'not a valid HTTP answer (3 tries)',
    ],
    ['a reset', (_request, { socket }) => void socket?.resetAndDestroy(), 3, 'connection reset (3 tries)'],
  ])('%s', async (_title, behaviour, requests, reason, patience) => {
    await using rig = await startRig();
    const url = rig.server.on('/f', behaviour);
    const limits = { redirects: 3, maxBytes: 4000, ...patience };
    expect(await rig.failure({ urls: [url] }, { limits })).toEqual(mirrorFailed(url, reason));
    expect(rig.server.seen).toHaveLength(requests);
  });

  test.each<[string, Behaviour, string]>([
    ['announces another size', serve(noise(999)), 'wrong size: announces 999 bytes, expected 2000'],
    ['sends more than expected', chunked(noise(2001)), 'more than the expected 2000 bytes'],
    ['sends less than expected', chunked(noise(1999)), 'short body: 1999 of 2000 bytes (3 tries)'],
  ])('%s', async (_title, behaviour, reason) => {
    await using rig = await startRig();
    const url = rig.server.on('/f', behaviour);
    expect(await rig.failure({ urls: [url], size: 2000 })).toEqual(mirrorFailed(url, reason));
  });

  test.each<[string, Behaviour, string]>([
    ['a.rpm', answer(200, { 'content-type': 'text/html; charset=utf-8' }, 'x'), 'HTML page instead of an archive'],
    ['a.tar.gz', answer(200, {}, '\n <!DOCTYPE html><p>'), 'HTML page instead of an archive'],
    ['a.tar.gz', answer(200, {}, 'hello'), 'not a gzip file (begins with 68656c6c6f)'],
    ['a.rpm', answer(200, {}, ''), 'not an RPM package (empty)'],
  ])('%s: refuses what is none', async (file, behaviour, reason) => {
    await using rig = await startRig();
    const url = rig.server.on('/f', behaviour);
    expect(await rig.failure({ urls: [url], file })).toEqual(mirrorFailed(url, reason));
    expect(rig.server.seen).toHaveLength(1);
  });

  test('leaves the bytes of a .gz alone, whatever content encoding the server claims', async () => {
    await using rig = await startRig();
    const gz = Buffer.concat([Buffer.from('1f8b', 'hex'), bytes]);
    const url = rig.server.on('/f', serve(gz, { 'content-encoding': 'gzip' }));
    expect((await rig.fetch({ urls: [url], file: 'a.tar.gz' })).bytes).toEqual(gz);
    expect(rig.server.seen[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('nobody listens', async () => {
    await using rig = await startRig();
    const url = `http://127.0.0.1:${await closedPort()}/f`;
    expect(await rig.failure({ urls: [url] })).toEqual(mirrorFailed(url, 'connection refused (3 tries)'));
  });

  test('uses credentials of a URL and shows them to nobody', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f?token=abc', status(401), serve(bytes)).replace('//', '//user:pass@');
    const shown = url.replace('user:pass', '***').replace('abc', '***');
    expect(await rig.failure({ urls: [url] })).toEqual(mirrorFailed(shown, 'HTTP 401'));
    expect(rig.attempts).toEqual([{ url: shown, reason: 'HTTP 401' }]);
    expect(rig.server.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:pass').toString('base64')}`);
    expect((await rig.fetch({ urls: [url] })).url).toBe(shown);
  });

  test('a URL that ends with a slash is a directory', async () => {
    await using rig = await startRig();
    rig.server.on('/dir/data.bin', serve(bytes));
    const url = `${rig.server.origin}/dir/`;
    expect(await rig.fetch({ urls: [url] })).toEqual({ bytes, url });
  });
});

describe.concurrent('several mirrors', () => {
  test('the first that has it', async () => {
    await using rig = await startRig();
    const [gone, down] = [rig.server.on('/1', status(404)), rig.server.on('/2', status(503))];
    const url = rig.server.on('/3', serve(bytes));
    const never = rig.server.on('/4', serve(bytes));
    expect(await rig.fetch({ urls: [gone, down, url, never], sha256: digest, size: 2000 })).toEqual({ bytes, url });
    expect(rig.server.seen.map(({ path }) => path)).toEqual(['/1', '/2', '/2', '/2', '/3']);
  });

  test('goes past wrong bytes', async () => {
    await using rig = await startRig();
    const bad = rig.server.on('/1', serve(wrong));
    const url = rig.server.on('/2', serve(bytes));
    expect(await rig.fetch({ urls: [bad, url], sha256: digest, size: 2000 })).toEqual({ bytes, url });
    expect(rig.attempts).toEqual([{ url: bad, reason: `sha256 is ${sha256(wrong)}, not ${digest}` }]);
    expect(rig.server.seen[1]?.headers.range).toBeUndefined();
  });

  test('wrong bytes everywhere are a ChecksumMismatch', async () => {
    await using rig = await startRig();
    const urls = [rig.server.on('/1', serve(wrong)), rig.server.on('/2', serve(noise(2000, 6)))];
    const failure = await rig.failure({ urls, sha256: digest });
    const got = sha256(wrong);
    expect(failure).toEqual({ kind: 'ChecksumMismatch', source: 'demo', want: digest, got, mirror: urls[0] });
    expect(await rig.parts()).toEqual([]);
  });

  test('wrong bytes at one and nothing at others list every mirror', async () => {
    await using rig = await startRig();
    const urls = [rig.server.on('/1', status(404)), rig.server.on('/2', serve(wrong)), 'nonsense', 'gopher://x/'];
    const reasons = [
      'HTTP 404',
      `sha256 is ${sha256(wrong)}, not ${digest}`,
      'not a URL',
      'gopher: is not spoken here: fetch it by other means and give it with --mirror',
    ];
    const attempts = urls.map((url, index) => ({ url, reason: reasons[index] }));
    expect(await rig.failure({ urls, sha256: digest })).toEqual({ kind: 'AllMirrorsFailed', source: 'demo', attempts });
  });

  test('no mirror at all', async () => {
    await using rig = await startRig();
    expect(await rig.failure({})).toEqual({ kind: 'AllMirrorsFailed', source: 'demo', attempts: [] });
  });
});

describe.concurrent('the machine', () => {
  test('cancelling keeps the bytes', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', stallAfter(100, bytes, { etag: '"one"' }), serve(bytes, { etag: '"one"' }));
    const cancel = new AbortController();
    const onProgress = (done: number): void => {
      if (done === 100) cancel.abort();
    };
    expect(await rig.failure({ urls: [url] }, { signal: cancel.signal, onProgress })).toEqual({ kind: 'Cancelled' });
    expect(await rig.parts()).toEqual([100]);
    expect((await rig.fetch({ urls: [url] })).bytes).toEqual(bytes);
    expect(rig.server.seen[1]?.headers.range).toBe('bytes=100-');
  });

  test('cancelling ends the wait between tries, and the wait for an answer', async () => {
    await using rig = await startRig();
    for (const behaviour of [status(503), silence]) {
      const cancel = new AbortController();
      const abort: Behaviour = (...exchange) => {
        setImmediate(() => cancel.abort());
        return behaviour(...exchange);
      };
      const options = { signal: cancel.signal, limits: { backoffMs: 60_000 } };
      expect(await rig.failure({ urls: [rig.server.on('/f', abort)] }, options)).toEqual({ kind: 'Cancelled' });
    }
  });

  test('a cancelled download does not start', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', serve(bytes));
    expect(await rig.failure({ urls: [url] }, { signal: AbortSignal.abort() })).toEqual({ kind: 'Cancelled' });
    expect(rig.server.seen).toEqual([]);
  });

  test('a full disk', async () => {
    await using rig = await startRig();
    await mkdir(rig.partDir);
    const path = join(rig.partDir, `${partName([digest])}.part`);
    await symlink('/dev/full', path);
    const url = rig.server.on('/f', serve(bytes));
    expect(await rig.failure({ urls: [url], sha256: digest })).toMatchObject({ kind: 'DiskFull', path });
  });

  test('two requests for the same bytes come one after the other', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', trickle(bytes, 500, 2), serve(bytes));
    const both = await rig.fetchTwice({ urls: [url], sha256: digest });
    expect(both.map(({ digest: made }) => made)).toEqual([digest, digest]);
  });
});
