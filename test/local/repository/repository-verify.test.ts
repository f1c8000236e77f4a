import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPgpKeys } from '../../../pipeline/tools/repository-openpgp.ts';
import { signatureProblem } from '../../../pipeline/tools/repository-signature.ts';
import { verifySnapshot } from '../../../pipeline/tools/verify-snapshot.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { sharedKey } from '../../helpers/signing-key.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';
import { sha256, tinyId, tinySnapshot, writeTiny } from '../../helpers/tiny-snapshot.ts';

const key = sharedKey();
const tiny = tinySnapshot('1', key);
const [publicKey, text, signature] = ['public.asc', 'signed.txt', 'signed.txt.asc'].map((name) =>
  readFileSync(join(import.meta.dirname, '../../fixtures/openpgp', name)),
) as [Buffer, Buffer, Buffer];
/** Of the key in the fixture, as gpg prints it. */
const FINGERPRINT = '53BB089BF6F2715E2B42AAA0EE3A438CF23A5E1C';

function snapshot(files = tiny): string {
  const dir = join(memoryDir(), tinyId(tiny, 0));
  writeTiny(files, dir);
  return dir;
}

test('a signature that GnuPG made counts for its key and its bytes only', () => {
  const problem = (bytes: Buffer, keys = publicKey.toString(), fingerprint?: string): string | undefined =>
    signatureProblem(signature.toString(), bytes, keys, fingerprint);
  expect(openPgpKeys(publicKey.toString()).map(({ fingerprint }) => fingerprint)).toEqual([FINGERPRINT]);
  expect(problem(text, publicKey.toString(), FINGERPRINT)).toBeUndefined();
  expect(problem(text, `${key.publicKey}${publicKey.toString()}`)).toBeUndefined();
  expect(problem(Buffer.from('signed by GnuPG 2.3\n'))).toMatch(/not a signature over these bytes/);
  expect(problem(text, key.publicKey)).toMatch(/not a signature over these bytes/);
  expect(problem(text, key.publicKey, FINGERPRINT)).toMatch(/is not beside it/);
  expect(problem(text, 'no key')).toMatch(/not readable/);
});

test('no flipped bit of a signature or of its key is overlooked, and none is an error of ours', () => {
  const bytes = Buffer.from(signature);
  let damaged = 0;
  const decoded = /\n\n([^=]+=*)\n=/s.exec(bytes.toString())?.[1] ?? '';
  const packet = Buffer.from(decoded, 'base64');
  for (let at = 0; at < packet.length; at++) {
    const flipped = Buffer.from(packet);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    const armored = `-----BEGIN PGP SIGNATURE-----\n\n${flipped.toString('base64')}\n-----END PGP SIGNATURE-----\n`;
    // What is not signed may change: the key's number, two bytes of the digest for a quick look, the odd bit of a length.
    if (signatureProblem(armored, text, publicKey.toString(), undefined) !== undefined) damaged += 1;
  }
  expect(packet.length - damaged).toBeLessThanOrEqual(13);
  for (const cut of [0, 1, 3, 20, 40, packet.length - 1]) {
    const armored = `-----BEGIN PGP SIGNATURE-----\n\n${packet.subarray(0, cut).toString('base64')}\n-----END PGP SIGNATURE-----\n`;
    expect(signatureProblem(armored, text, publicKey.toString(), undefined), `cut at ${cut}`).toBeDefined();
  }
});

test('a snapshot as it was made has no problem; evidence and its page may be added', async () => {
  const dir = snapshot();
  expect(await verifySnapshot(dir)).toEqual([]);
  mkdirSync(join(dir, 'evidence'));
  writeFileSync(join(dir, 'evidence/boot.json'), '{}');
  writeFileSync(join(dir, 'index.html'), 'page');
  expect(await verifySnapshot(dir)).toEqual([]);
});

test.each([...tiny.keys()])('%s: flipped, or gone, is told', async (path) => {
  const dir = snapshot();
  await flipByte(join(dir, path));
  expect((await verifySnapshot(dir)).join('\n')).toContain(path.replace(/\.asc$/, ''));
  rmSync(join(dir, path));
  expect((await verifySnapshot(dir)).join('\n')).toContain(`${path}: missing`);
});

test('files that nobody signed are told, signatures of nothing too', async () => {
  const dir = snapshot();
  writeFileSync(join(dir, 'RPMS/more.rpm'), 'x');
  writeFileSync(join(dir, 'RPMS/other.rpm.asc'), 'x');
  expect(await verifySnapshot(dir)).toEqual([
    'RPMS/more.rpm: not in SHA256SUMS',
    'RPMS/other.rpm.asc: a signature of nothing',
  ]);
});

test('another snapshot, wholly signed by the same key, is not this one', async () => {
  expect(await verifySnapshot(snapshot(tinySnapshot('2', key)))).toEqual(['SHA256SUMS: not that of this snapshot']);
});

test('the key that the manifest names has to have signed', async () => {
  const other = sharedKey('foreign <foreign@fullnat-factory.invalid>');
  const forged = new Map(tinySnapshot('1', { ...other, fingerprint: key.fingerprint }));
  const problems = await verifySnapshot(snapshot(forged));
  expect(problems).toContain(`SHA256SUMS.asc: the key ${key.fingerprint} that made it is not beside it`);
});

test('what hosts read has a signature of its own: manifests and install.sh, not what a manifest names', async () => {
  const files = new Map(tiny);
  const added = ['install/director.json', 'install/install.sh', 'install/director.devices', 'install/files/x.json'];
  for (const path of added) files.set(path, Buffer.from(path));
  const sums = Buffer.concat([
    files.get('SHA256SUMS') ?? Buffer.alloc(0),
    ...added.map((path) => Buffer.from(`${sha256(path)}  ${path}\n`)),
  ]);
  files.set('SHA256SUMS', sums);
  files.set('SHA256SUMS.asc', Buffer.from(key.sign(sums)));
  const dir = join(memoryDir(), tinyId(files, 0));
  writeTiny(files, dir);
  const missing = ['install/director.json.asc: missing', 'install/install.sh.asc: missing'];
  expect(await verifySnapshot(dir)).toEqual(missing);
  for (const path of added.slice(0, 2)) writeFileSync(join(dir, `${path}.asc`), key.sign(Buffer.from(path)));
  expect(await verifySnapshot(dir)).toEqual([]);
  writeFileSync(join(dir, 'install/install.sh.asc'), key.sign(Buffer.from('other')));
  expect(await verifySnapshot(dir)).toEqual([expect.stringMatching(/^install\/install\.sh\.asc: /)]);
});
