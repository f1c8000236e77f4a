import { describe, expect, test } from 'vitest';
import { DEMO_COMMENT, readKey } from '../../../pipeline/rpm/openpgp-key.ts';
import { armored, armoredKey, type KeyShape, MADE, publicHalf } from '../../helpers/armored-key.ts';

describe('a key is read without using it', () => {
  test.each<[KeyShape, string, number | null]>([
    [{}, 'RSA', 2048],
    [{ bits: 4096, newFormat: true }, 'RSA', 4096],
    [{ bits: 1023 }, 'RSA', 1023],
    [{ algorithm: 'DSA' }, 'DSA', 2048],
    [{ algorithm: 'EdDSA' }, 'EdDSA (ed25519)', null],
  ])('%j', (shape, algorithm, bits) => {
    expect(readKey(armoredKey(shape))).toMatchObject({
      algorithm,
      bits,
      secret: 'plain',
      created: new Date(MADE * 1000),
      userIds: ['Somebody (test) <somebody@example.invalid>'],
      isDemo: false,
    });
  });

  test('secret or not, protected or not, it is the same key', () => {
    const half = publicHalf();
    const keys = [
      readKey(armoredKey({ half: 'PUBLIC' }, half)),
      readKey(armoredKey({}, half)),
      readKey(armoredKey({ secret: 'protected' }, half)),
      readKey(armoredKey({ secret: 'stub' }, half).replaceAll('\n', '\r\n')),
    ];
    expect(keys.map(({ secret }) => secret)).toEqual(['none', 'plain', 'protected', 'stub']);
    expect(new Set(keys.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(new Set(keys.map(({ publicDigest }) => publicDigest)).size).toBe(1);
    expect(keys[0]?.fingerprint).toMatch(/^[0-9A-F]{40}$/);
  });

  test('another key and another user id are something else', () => {
    const half = publicHalf();
    const [one, renamed, other] = [armoredKey({}, half), armoredKey({ userId: 'Else' }, half), armoredKey()].map(
      readKey,
    );
    expect(renamed?.fingerprint).toBe(one?.fingerprint);
    expect(renamed?.publicDigest).not.toBe(one?.publicDigest);
    expect(other?.fingerprint).not.toBe(one?.fingerprint);
  });

  test('a demo key says so itself', () => {
    expect(readKey(armoredKey({ userId: `x (${DEMO_COMMENT}) <x@example.invalid>` })).isDemo).toBe(true);
  });
});

describe('refused without a word of it', () => {
  const key = armoredKey();
  const lines = key.split('\n');
  test.each([
    ['nothing', '', 'there is no armored OpenPGP key in it'],
    ['another file', 'hunter2', 'there is no armored OpenPGP key in it'],
    ['without its end', lines.slice(0, -4).join('\n'), 'its armor is cut short or has lost its line breaks'],
    ['in one line', lines.join(' '), 'its armor is cut short or has lost its line breaks'],
    ['without a line', lines.filter((_, at) => at !== 5).join('\n'), 'its armor is damaged: the checksum does not fit'],
    [
      'with odd characters',
      lines.map((line, at) => (at === 5 ? `${line}$` : line)).join('\n'),
      'its armor holds something else than base64',
    ],
    ['of version 6', armoredKey({ version: 6 }), 'it is a key of OpenPGP version 6; rpm of EL6 knows version 4'],
    ['two keys', armored(Buffer.concat([bytesOf(key), bytesOf(key)]), 'PRIVATE'), 'it holds 2 keys instead of one'],
    ['half a packet', armored(bytesOf(key).subarray(0, 100), 'PRIVATE'), 'it is cut short'],
    ['no packets', armored(Buffer.from('hunter2'), 'PRIVATE'), 'it is no OpenPGP data'],
  ])('%s', (_, text, message) => {
    expect(() => readKey(text)).toThrow(new TypeError(message));
  });
});

function bytesOf(key: string): Buffer {
  return Buffer.from(key.split('\n').slice(3, -3).join(''), 'base64');
}
