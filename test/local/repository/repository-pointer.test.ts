import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Pointer, pointerText } from '../../../pipeline/plan/pointer.ts';
import { publishKey } from '../../../pipeline/tools/published-keys.ts';
import { readClearSigned } from '../../../pipeline/tools/repository-clear-signed.ts';
import {
  pointedAt,
  pointerProblems,
  readPointer,
  verifiedPointer,
  writePointer,
} from '../../../pipeline/tools/repository-pointer.ts';
import { signedPointer } from '../../helpers/signed-pointer.ts';
import { sharedKey } from '../../helpers/signing-key.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const key = sharedKey();
const foreign = sharedKey('foreign <foreign@fullnat-factory.invalid>');
const statement = (snapshot: string, change: Partial<Pointer> = {}): string =>
  signedPointer(key, { recipe: 'el6', snapshot }, { now: NOW, ...change });

/** An empty published tree whose hosts know `key`. */
async function published(): Promise<string> {
  const base = memoryDir();
  await publishKey(base, [], Buffer.from(key.publicKey));
  return base;
}
const move = (base: string, snapshot: string): Promise<void> =>
  writePointer(base, { snapshot, url: 'http://repo.example/el6', signed: statement(snapshot) });

test('a pointer is written in its three forms, and read with who signed it', async () => {
  const base = await published();
  expect(await readPointer(base)).toBeUndefined();
  await move(base, 'a');
  expect(
    readdirSync(base)
      .filter((name) => !/key/i.test(name))
      .sort(),
  ).toEqual(['current', 'mirrorlist', 'pointer.asc']);
  expect(await readPointer(base)).toEqual({
    states: {
      schema: 2,
      recipe: 'el6',
      snapshot: 'a',
      serial: NOW.getTime() / 1000,
      publishedAt: '2026-11-22T12:00:00Z',
      issuedAt: '2026-11-22T12:00:00Z',
      expires: '2026-12-22T12:00:00Z',
    },
    text: statement('a'),
    signer: key.fingerprint,
    agrees: true,
  });
});

test.each([
  ['of a form is gone', (base: string) => rmSync(join(base, 'mirrorlist'))],
  ['was interrupted after its commit', (base: string) => writeFileSync(join(base, 'current'), 'b\n')],
])('a pointer that %s does not agree with itself, and its serial still counts', async (_, spoil) => {
  const base = await published();
  await move(base, 'a');
  spoil(base);
  expect(await readPointer(base)).toMatchObject({ agrees: false, states: { serial: NOW.getTime() / 1000 } });
});

test.each([
  ['nothing', () => ''],
  ['an unsigned statement', () => readClearSigned(statement('a'))?.text ?? ''],
  ['one that a foreign key signed', () => signedPointer(foreign, { recipe: 'el6', snapshot: 'a' })],
  ['another snapshot', (text: string) => text.replace('"snapshot": "a"', '"snapshot": "b"')],
  ['a later end', (text: string) => text.replace('2026-12-22', '2027-12-22')],
  ['a blank more', (text: string) => text.replace('"el6",', '"el6", ')],
  ['words before it', (text: string) => `words\n${text}`],
  ['words after it', (text: string) => `${text}words\n`],
  ['two of them', (text: string) => text + text],
  ['half of its signature', (text: string) => text.replace(/.{64}\n.{64}\n/, '')],
  [
    'the signature of a file instead of a text',
    () => statement('a').replace(/-----BEGIN PGP SIGNATURE.*/s, detached()),
  ],
  ['signed JSON of another shape', () => key.clearSign('{"schema":2}\n')],
  ['signed JSON with another layout', () => key.clearSign(pointerTextOf().replaceAll('\n "', '\n  "'))],
  ['no JSON', () => key.clearSign('words\n')],
])('%s is no pointer', async (_, change) => {
  const base = await published();
  const good = statement('a');
  expect(await verifiedPointer(base, good)).toBeDefined();
  expect(await verifiedPointer(base, change(good))).toBeUndefined();
});

const pointerTextOf = (): string => readClearSigned(statement('a'))?.text ?? '';
const detached = (): string => key.sign(readClearSigned(statement('a'))?.signed ?? Buffer.alloc(0));

test('one bit changed anywhere in a pointer, and it is none or states the same', async () => {
  const base = await published();
  const good = Buffer.from(statement('a'));
  const states = (await verifiedPointer(base, good.toString('latin1')))?.states;
  for (let at = 0; at < good.length; at += 1) {
    const flipped = Buffer.from(good);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    const found = await verifiedPointer(base, flipped.toString('latin1'));
    if (found !== undefined) expect(found.states).toEqual(states);
  }
});

test('a statement reads in one field per line', () => {
  expect(pointerTextOf()).toBe(
    pointerText({
      schema: 2,
      recipe: 'el6',
      snapshot: 'a',
      serial: NOW.getTime() / 1000,
      publishedAt: '2026-11-22T12:00:00Z',
      issuedAt: '2026-11-22T12:00:00Z',
      expires: '2026-12-22T12:00:00Z',
    }),
  );
  expect(pointerTextOf().split('\n')).toHaveLength(10);
});

test('everything that a form of the pointer names', async () => {
  const base = await published();
  expect([...(await pointedAt(base))]).toEqual([]);
  await move(base, 'a');
  expect([...(await pointedAt(base))]).toEqual(['a']);
  writeFileSync(join(base, 'current'), 'b\n');
  expect([...(await pointedAt(base))]).toEqual(['b', 'a']);
  rmSync(join(base, 'current'));
  rmSync(join(base, 'pointer.asc'));
  expect([...(await pointedAt(base))]).toEqual(['a']);
});

test('a pointer that names what is not there or two things, is not signed or expired, is told', async () => {
  const base = await published();
  const problems = (ids: readonly string[], now = NOW): Promise<string[]> => pointerProblems(base, ids, now);
  expect(await problems([])).toEqual([]);
  await move(base, 'a');
  expect(await problems(['a', 'b'])).toEqual([]);
  expect(await problems(['a'], new Date('2026-12-23'))).toEqual([
    'pointer.asc: expired 2026-12-22T12:00:00Z; factory renew says it again',
  ]);
  expect(await problems(['b'])).toEqual(['current: names a, which is not there']);
  writeFileSync(join(base, 'current'), 'b\n');
  expect(await problems(['a', 'b'])).toEqual([
    'mirrorlist: names a, but current b',
    'pointer.asc: names a, but current b',
  ]);
  writeFileSync(join(base, 'mirrorlist'), '');
  expect(await problems(['a', 'b'])).toContain('mirrorlist: names nothing, but current b');
  rmSync(join(base, 'current'));
  expect(await problems(['a'])).toContain('current: missing');
  writeFileSync(join(base, 'pointer.asc'), readFileSync(join(base, 'pointer.asc'), 'utf8').replace('el6', 'el7'));
  expect(await problems(['a'])).toContain('pointer.asc: not a statement that a key published here signed');
  rmSync(join(base, 'pointer.asc'));
  expect((await problems(['a'])).join()).toContain('pointer.asc: missing');
});
