import { readdir, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { partName } from '../../../pipeline/tools/download/part.ts';
import { answer, dropAfter, ignoreRange, serve, stallAfter, status } from '../../helpers/faulty-server.ts';
import { mirrorFailed, noise, sha256, startRig } from './rig.ts';

const bytes = noise(2000);
const digest = sha256(bytes);
const etag = { etag: '"one"' };

const ranges = (seen: readonly { headers: Record<string, unknown> }[]) =>
  seen.map(({ headers }) => [headers['range'], headers['if-range']]);

describe.concurrent('resume', () => {
  test('goes on after a dropped connection with Range and If-Range', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', dropAfter(100, bytes, etag), dropAfter(50, bytes, etag), serve(bytes, etag));
    const made = await rig.fetch({ urls: [url] });
    expect(made).toEqual({ bytes, url });
    expect(ranges(rig.server.seen)).toEqual([
      [undefined, undefined],
      ['bytes=100-', '"one"'],
      ['bytes=150-', '"one"'],
    ]);
    expect(rig.attempts.map(({ reason }) => reason)).toEqual([
      'short body: 100 of 2000 bytes',
      'short body: 150 of 2000 bytes',
    ]);
    expect(await readdir(rig.partDir)).toEqual([]);
  });

  test('uses Last-Modified when the ETag is weak', async () => {
    await using rig = await startRig();
    const headers = { etag: 'W/"one"', 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    const url = rig.server.on('/f', dropAfter(100, bytes, headers), serve(bytes, headers));
    expect((await rig.fetch({ urls: [url] })).bytes).toEqual(bytes);
    expect(ranges(rig.server.seen)[1]).toEqual(['bytes=100-', headers['last-modified']]);
  });

  test('starts again without a digest and without a validator', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', dropAfter(100, bytes), serve(bytes));
    expect((await rig.fetch({ urls: [url] })).bytes).toEqual(bytes);
    expect(ranges(rig.server.seen)[1]).toEqual([undefined, undefined]);
  });

  test('goes on in another run', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', dropAfter(100, bytes, etag), status(404), serve(bytes, etag));
    expect(await rig.failure({ urls: [url] })).toEqual(mirrorFailed(url, 'HTTP 404'));
    expect(await rig.parts()).toEqual([100]);
    expect((await rig.fetch({ urls: [url] })).bytes).toEqual(bytes);
    expect(ranges(rig.server.seen)[2]).toEqual(['bytes=100-', '"one"']);
  });

  test('keeps what each mirror sent when no digest says that it is the same', async () => {
    await using rig = await startRig();
    const urls = [
      rig.server.on('/1', dropAfter(100, bytes, etag), status(404), serve(bytes, etag)),
      rig.server.on('/2', dropAfter(50, bytes, etag), status(404)),
    ];
    expect(await rig.failure({ urls })).toMatchObject({ kind: 'AllMirrorsFailed' });
    expect((await rig.parts()).sort()).toEqual([100, 50]);
    expect((await rig.fetch({ urls })).bytes).toEqual(bytes);
    expect(ranges(rig.server.seen).at(-1)).toEqual(['bytes=100-', '"one"']);
    expect(await readdir(rig.partDir)).toEqual([]);
  });

  test('goes on at another mirror when the digest is known', async () => {
    await using rig = await startRig();
    const first = rig.server.on('/1', dropAfter(100, bytes, etag), status(404));
    const second = rig.server.on('/2', serve(bytes, { etag: '"other"' }));
    const made = await rig.fetch({ urls: [first, second], sha256: digest });
    expect(made).toEqual({ bytes, url: second });
    expect(ranges(rig.server.seen)[2]).toEqual(['bytes=100-', undefined]);
  });

  test('starts again at another mirror when the digest is not known', async () => {
    await using rig = await startRig();
    const first = rig.server.on('/1', dropAfter(100, bytes, etag), status(404));
    const second = rig.server.on('/2', serve(bytes, etag));
    expect((await rig.fetch({ urls: [first, second] })).bytes).toEqual(bytes);
    expect(ranges(rig.server.seen)[2]).toEqual([undefined, undefined]);
    expect(await readdir(rig.partDir)).toEqual([]);
  });

  test('judges a mirror by its own bytes, not by what another one sent before', async () => {
    await using rig = await startRig();
    const first = rig.server.on('/1', dropAfter(100, noise(2000, 7)), status(404));
    const second = rig.server.on('/2', serve(bytes));
    expect(await rig.fetch({ urls: [first, second], sha256: digest })).toEqual({ bytes, url: second });
    expect(ranges(rig.server.seen).slice(2)).toEqual([
      ['bytes=100-', undefined],
      [undefined, undefined],
    ]);
  });

  test.each([
    ['takes 200 to a Range request as the whole file', ignoreRange(bytes, etag), 2],
    ['starts again after a wrong Content-Range', wrong206('bytes 50-1999/2000', bytes.subarray(50)), 3],
    ['starts again after a 206 without Content-Range', answer(206, etag, bytes.subarray(100)), 3],
    ['starts again when the ETag changed and If-Range was ignored', wrong206('bytes 100-1999/2000', bytes, '"two"'), 3],
    ['starts again after a 416 that it does not understand', answer(416, etag), 3],
    ['starts again when the file shrank', answer(416, { ...etag, 'content-range': 'bytes */50' }), 3],
  ])('%s', async (_title, second, requests) => {
    await using rig = await startRig();
    const url = rig.server.on('/f', dropAfter(100, noise(2000, 7), etag), second, serve(bytes, etag));
    expect((await rig.fetch({ urls: [url] })).bytes).toEqual(bytes);
    expect(rig.server.seen).toHaveLength(requests);
  });

  test('starts again when the ETag changed and the server says so', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', dropAfter(100, noise(2000, 7), etag), serve(bytes, { etag: '"two"' }));
    expect((await rig.fetch({ urls: [url] })).bytes).toEqual(bytes);
    expect(ranges(rig.server.seen)[1]).toEqual(['bytes=100-', '"one"']);
  });

  test('a 416 at the very end means complete', async () => {
    await using rig = await startRig();
    // The size was not announced, so the factory cannot know that it has everything.
    const url = rig.server.on('/f', stallAfterChunked(), serve(bytes, etag));
    const made = await rig.fetch({ urls: [url] }, { limits: { stallMs: 150 } });
    expect(made.bytes).toEqual(bytes);
    expect(ranges(rig.server.seen)).toEqual([
      [undefined, undefined],
      ['bytes=2000-', '"one"'],
    ]);
  });

  test('asks nobody when everything is there already', async () => {
    await using rig = await startRig();
    await mkdir(rig.partDir);
    await writeFile(join(rig.partDir, `${partName([digest])}.part`), bytes);
    const url = `${rig.server.origin}/never`;
    expect((await rig.fetch({ urls: [url], sha256: digest, size: 2000 })).bytes).toEqual(bytes);
    expect(rig.server.seen).toEqual([]);
  });

  test('survives rubbish that an earlier run left', async () => {
    await using rig = await startRig();
    await mkdir(rig.partDir);
    await writeFile(join(rig.partDir, `${partName([digest])}.part`), noise(2000, 9));
    await writeFile(join(rig.partDir, `${partName([digest])}.json`), '{"schema":1,"ur');
    const url = rig.server.on('/f', serve(bytes));
    expect((await rig.fetch({ urls: [url], sha256: digest, size: 2000 })).bytes).toEqual(bytes);
    expect(ranges(rig.server.seen)).toEqual([[undefined, undefined]]);
  });

  test('tries that bring enough do not count', async () => {
    await using rig = await startRig();
    const drops = Array.from({ length: 8 }, () => dropAfter(200, bytes, etag));
    const url = rig.server.on('/f', ...drops, serve(bytes, etag));
    expect((await rig.fetch({ urls: [url] }, { limits: { tries: 1, freeTryBytes: 200 } })).bytes).toEqual(bytes);
  });

  test('reports progress from where it resumes', async () => {
    await using rig = await startRig();
    const url = rig.server.on('/f', dropAfter(100, bytes, etag), serve(bytes, etag));
    await rig.fetch({ urls: [url], size: 2000 });
    expect(rig.progress[0]).toEqual([0, 2000]);
    expect(rig.progress).toContainEqual([100, 2000]);
    expect(rig.progress.at(-1)).toEqual([2000, 2000]);
    expect(rig.progress.map(([done]) => done)).toEqual(rig.progress.map(([done]) => done).sort((a, b) => a - b));
  });
});

function wrong206(range: string, body: Buffer, tag = '"one"') {
  return answer(206, { etag: tag, 'content-range': range }, body);
}

/** Everything but the end of a body of unknown length. */
function stallAfterChunked() {
  const stall = stallAfter(2000, bytes, etag);
  return (...[request, response]: Parameters<typeof stall>) => {
    const writeHead = response.writeHead.bind(response);
    response.writeHead = (code: number) => writeHead(code, etag);
    return stall(request, response);
  };
}
