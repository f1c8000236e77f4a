import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readTransfer } from '../../../pipeline/tools/docker/transfer.ts';

/** Real lines of an engine that pushes. */
const PUSH = [
  { status: 'The push refers to repository [r.io/a]' },
  { status: 'Preparing', progressDetail: {}, id: 'one' },
  { status: 'Preparing', progressDetail: {}, id: 'two' },
  { status: 'Layer already exists', progressDetail: {}, id: 'two' },
  { status: 'Pushing', progressDetail: { current: 512, total: 2000 }, progress: '[=> ]', id: 'one' },
  { status: 'Pushing', progressDetail: { current: 2560, total: 2000 }, progress: '[===>]', id: 'one' },
  { status: 'Pushing', progressDetail: { current: 10 }, id: 'three' },
  { status: 'Pushing', progressDetail: { current: 10, total: 100 }, id: 'four' },
  { status: 'Pushed', progressDetail: {}, id: 'one' },
  { status: 'Pushed', progressDetail: {}, id: 'four' },
  { status: 't: digest: sha256:d size: 529' },
  { progressDetail: {}, aux: { Tag: 't', Digest: 'sha256:d', Size: 529 } },
];

async function read(events: readonly object[]) {
  const lines: string[] = [];
  const bytes: [number, number][] = [];
  const answer = Readable.from([events.map((event) => `${JSON.stringify(event)}\r\n`).join('')]);
  const digest = await readTransfer(answer, {
    onLine: (line) => lines.push(line),
    onBytes: (...both) => bytes.push(both),
  });
  return { digest, lines, bytes };
}

describe('what an engine says while it moves layers', () => {
  it('digest, each line once, and bytes of all layers of which a size is known', async () => {
    const { digest, lines, bytes } = await read(PUSH);
    expect(digest).toBe('sha256:d');
    expect(lines).toEqual([
      'The push refers to repository [r.io/a]',
      ...['one: Preparing', 'two: Preparing', 'two: Layer already exists', 'one: Pushing', 'three: Pushing'],
      ...['four: Pushing', 'one: Pushed', 'four: Pushed', 't: digest: sha256:d size: 529'],
    ]);
    expect(bytes).toEqual([
      [512, 2000],
      [2000, 2000],
      [2010, 2100],
      [2010, 2100],
      [2100, 2100],
    ]);
  });

  it('an error in it is a failure, though the answer was 200', async () => {
    const failing = [...PUSH.slice(0, 5), { errorDetail: { message: 'denied: no' }, error: 'no' }];
    await expect(read(failing)).rejects.toThrow('denied: no');
  });

  it('without a digest there is none', async () => {
    expect((await read([{ status: 'Pulling fs layer', id: 'a' }])).digest).toBeUndefined();
  });
});
