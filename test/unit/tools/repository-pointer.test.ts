import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pointedAt, pointerProblems, readPointer, writePointer } from '../../../pipeline/tools/repository-pointer.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const move = (base: string, snapshot: string, now = NOW): Promise<void> =>
  writePointer(base, { recipe: 'el6', snapshot, url: 'http://repo.example/el6' }, now);

test('the serial grows with every move, back too, and with a clock that goes back', async () => {
  const base = memoryDir();
  const serials: unknown[] = [];
  for (const [id, now] of [
    ['a', NOW],
    ['b', NOW],
    ['a', new Date(0)],
    ['b', new Date(NOW.getTime() + 60_000)],
  ] as const) {
    await move(base, id, now);
    serials.push((await readPointer(base))?.serial);
  }
  expect(serials).toEqual([SECONDS, SECONDS + 1, SECONDS + 2, SECONDS + 60]);
  expect(await readPointer(base)).toEqual({
    schema: 1,
    recipe: 'el6',
    snapshot: 'b',
    serial: SECONDS + 60,
    publishedAt: '2026-11-22T12:01:00.000Z',
  });
});

test('saying the same again changes no byte', async () => {
  const base = memoryDir();
  await move(base, 'a');
  const before = readFileSync(join(base, 'pointer.json'));
  await move(base, 'a', new Date(NOW.getTime() + 60_000));
  expect(readFileSync(join(base, 'pointer.json'))).toEqual(before);
  expect(readdirSync(base).sort()).toEqual(['current', 'mirrorlist', 'pointer.json']);
});

test.each(['', '{', 'null', '[]', '{"schema":2}', '{"schema":1,"recipe":"el6","snapshot":"a","serial":"1"}'])(
  'a pointer file that reads %j counts as lost, and the next move makes a new one that is not behind',
  async (text) => {
    const base = memoryDir();
    writeFileSync(join(base, 'pointer.json'), text);
    expect(await readPointer(base)).toBeUndefined();
    await move(base, 'a');
    expect(await readPointer(base)).toMatchObject({ snapshot: 'a', serial: SECONDS });
  },
);

test('everything that a form of the pointer names', async () => {
  const base = memoryDir();
  expect([...(await pointedAt(base))]).toEqual([]);
  await move(base, 'a');
  expect([...(await pointedAt(base))]).toEqual(['a']);
  writeFileSync(join(base, 'current'), 'b\n');
  expect([...(await pointedAt(base))]).toEqual(['b', 'a']);
  rmSync(join(base, 'current'));
  rmSync(join(base, 'pointer.json'));
  expect([...(await pointedAt(base))]).toEqual(['a']);
});

test('a pointer that names what is not there, or two things, is told', async () => {
  const base = memoryDir();
  expect(await pointerProblems(base, [])).toEqual([]);
  await move(base, 'a');
  expect(await pointerProblems(base, ['a', 'b'])).toEqual([]);
  expect(await pointerProblems(base, ['b'])).toEqual(['current: names a, which is not there']);
  writeFileSync(join(base, 'current'), 'b\n');
  expect(await pointerProblems(base, ['a', 'b'])).toEqual([
    'mirrorlist: names a, but current b',
    'pointer.json: names a, but current b',
  ]);
  writeFileSync(join(base, 'mirrorlist'), '');
  expect(await pointerProblems(base, ['a', 'b'])).toContain('mirrorlist: names nothing, but current b');
  rmSync(join(base, 'current'));
  expect(await pointerProblems(base, ['a'])).toContain('current: missing');
});
