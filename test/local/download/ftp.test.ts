import { expect, test } from 'vitest';
import { startFtpServer } from '../../helpers/ftp-server.ts';
import { noise, sha256, startRig } from './rig.ts';

const bytes = noise(300_000);

test('a file comes over passive FTP, as anonymous', async () => {
  await using ftp = await startFtpServer(new Map([['/pub/a b.rpm', { bytes }]]));
  await using rig = await startRig();
  const got = await rig.fetch({ urls: [`${ftp.url}/pub/a%20b.rpm`], sha256: sha256(bytes) });
  expect(got.bytes.equals(bytes)).toBe(true);
  expect(ftp.commands).toContain('USER anonymous');
});

test('a transfer that breaks is continued where it stopped, when the digest is known', async () => {
  await using ftp = await startFtpServer(new Map([['/f', { bytes, cutAfter: [100_000] }]]));
  await using rig = await startRig();
  const got = await rig.fetch({ urls: [`${ftp.url}/f`], sha256: sha256(bytes) });
  expect(got.bytes.equals(bytes)).toBe(true);
  expect(ftp.commands).toContain('REST 100000');
});

test('without a digest it starts again from the beginning', async () => {
  await using ftp = await startFtpServer(new Map([['/f', { bytes, cutAfter: [100_000] }]]));
  await using rig = await startRig();
  const got = await rig.fetch({ urls: [`${ftp.url}/f`] });
  expect(got.bytes.equals(bytes)).toBe(true);
  expect(ftp.commands.filter((line) => line.startsWith('REST'))).toEqual([]);
});

test('no such file, nobody there, too much: each with its reason, and nothing is left', async () => {
  await using ftp = await startFtpServer(new Map([['/f', { bytes }]]));
  await using rig = await startRig();
  const failure = await rig.failure({ urls: [`${ftp.url}/missing`, 'ftp://127.0.0.1:9/f', `${ftp.url}/f`], size: 10 });
  expect(failure.kind).toBe('AllMirrorsFailed');
  const reasons = failure.kind === 'AllMirrorsFailed' ? failure.attempts.map(({ reason }) => reason) : [];
  expect(reasons[0]).toBe('FTP 550: no such file');
  expect(reasons[1]).toMatch(/^connection refused/);
  expect(reasons[2]).toBe('more than the expected 10 bytes');
  expect(await rig.parts()).toEqual([]);
});
