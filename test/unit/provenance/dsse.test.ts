import { expect, test } from 'vitest';
import { dearmored, envelopeLine, IN_TOTO, parseEnvelope, preAuthEncoding } from '../../../pipeline/provenance/dsse.ts';
import { envelopeProblem } from '../../../pipeline/tools/repository-envelope.ts';
import { sharedKey } from '../../helpers/signing-key.ts';

const BODY = Buffer.from('{"hello":"wörld"}\n');
const key = sharedKey();

function envelope(body = BODY, by = key): Buffer {
  return envelopeLine(IN_TOTO, body, by.fingerprint, by.sign(preAuthEncoding(IN_TOTO, body)));
}

test('the example of the specification', () => {
  const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('lengths are of bytes', () => {
  expect(preAuthEncoding('ü', Buffer.from('ü')).toString()).toBe('DSSEv1 2 ü 2 ü');
});

test('one line of JSON with the three members, and it reads back', () => {
  const line = envelope();
  expect(line.toString().split('\n')).toHaveLength(2);
  const parsed = JSON.parse(line.toString()) as { payload: string; signatures: { keyid: string }[] };
  expect(Buffer.from(parsed.payload, 'base64')).toEqual(BODY);
  expect(parsed).toMatchObject({ payloadType: IN_TOTO, signatures: [{ keyid: key.fingerprint }] });
  expect(parseEnvelope(line)?.body).toEqual(BODY);
});

test('the signature of another statement, another key or another type does not count', () => {
  const check = (line: Buffer, by = key, statement = BODY) =>
    envelopeProblem(line, statement, by.publicKey, by.fingerprint);
  expect(check(envelope())).toBeUndefined();
  expect(check(envelope(), key, Buffer.from('{}'))).toMatch(/another statement/);
  const other = sharedKey('foreign <foreign@fullnat-factory.invalid>');
  expect(check(envelope(), other)).toMatch(/signed it instead of/);
  const bare = envelopeLine(IN_TOTO, BODY, key.fingerprint, key.sign(BODY));
  expect(check(bare)).toMatch(/not a signature over these bytes/);
  const claimed = envelopeLine(IN_TOTO, BODY, key.fingerprint, other.sign(preAuthEncoding(IN_TOTO, BODY)));
  expect(check(claimed)).toMatch(/not a signature over these bytes/);
});

test('one flipped bit anywhere outside the part of a signature that nobody signs is refused', () => {
  const line = envelope();
  const sig = line.indexOf('"sig":"') + '"sig":"'.length;
  const unhashed = unhashedPart(dearmored(key.sign(BODY)));
  const free = { from: sig + Math.floor((unhashed.from * 4) / 3), to: sig + Math.ceil((unhashed.to * 4) / 3) };
  const accepted: number[] = [];
  for (let at = 0; at < line.length; at += 1) {
    const flipped = Buffer.from(line);
    flipped[at] = (flipped[at] ?? 0) ^ 0x01;
    if (envelopeProblem(flipped, BODY, key.publicKey, key.fingerprint) === undefined) accepted.push(at);
  }
  expect(accepted.filter((at) => at < free.from || at > free.to)).toEqual([]);
});

/** Where the unhashed subpackets and the two quick-check bytes are: by the OpenPGP format nothing vouches for them. */
function unhashedPart(signature: Buffer): { from: number; to: number } {
  const head = (signature[0] ?? 0) & 0x40 ? ((signature[1] ?? 0) < 192 ? 2 : 3) : (signature[0] ?? 0) & 3 ? 3 : 2;
  const from = head + 6 + signature.readUInt16BE(head + 4);
  return { from, to: from + 2 + signature.readUInt16BE(from) + 2 };
}

test.each(['', 'text', '-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n'])(
  'no signature: %j',
  (text) => {
    expect(() => dearmored(text)).toThrow('not an armored OpenPGP signature');
  },
);

test('armor with headers, a checksum and CRLF', () => {
  const armored = [
    '-----BEGIN PGP SIGNATURE-----',
    'Version: GnuPG v1',
    '',
    'AQID',
    'BA==',
    '=abcd',
    '-----END PGP SIGNATURE-----',
    '',
  ];
  expect(dearmored(armored.join('\r\n'))).toEqual(Buffer.from([1, 2, 3, 4]));
});
