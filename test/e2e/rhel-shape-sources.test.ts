import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve, startFaultyServer } from '../helpers/faulty-server.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { LVS_PACKAGE, SRPM } from '../helpers/make-srpm.ts';
import { rhelShape, type RhelShape, wordsOf } from '../helpers/rhel-shape.ts';

/** Sources that must not be used: each is refused before anything of it is unpacked, with its reason. */
let shape: RhelShape;
/** A mirror that a test may damage. */
let mirror: string;
beforeAll(async () => {
  shape = await rhelShape();
  mirror = join(shape.place.dir, 'damaged');
});
afterAll(async () => {
  await shape[Symbol.asyncDispose]();
});

/** Fetches everything again from a copy of the good mirror that `damage` has been at; `key` null: without --key. */
async function fetch(damage: () => Promise<void>, key: string | null = shape.made.key) {
  await rm(mirror, { recursive: true, force: true });
  await cp(shape.made.mirror, mirror, { recursive: true });
  await damage();
  return shape.place.run(['fetch', '--refresh', '--mirror', mirror, ...(key === null ? [] : ['--key', key])]);
}

/** The words of a fetch that has to fail. */
const failing = async (damage: () => Promise<void>, key?: string | null): Promise<string> =>
  wordsOf(await fetch(damage, key), 3);

const srpm = (): string => join(mirror, SRPM);
const untouched = (): Promise<void> => Promise.resolve();

test('no key material: which fingerprint is wanted, and how to give the key', async () => {
  const words = await failing(untouched, null);
  expect(words).toContain(`no key to verify ${SRPM} with`);
  expect(words).toMatch(new RegExp(`want +throw-away +${shape.made.fingerprint}`));
  expect(words).toContain('--key FILE');
});

test('a key file that holds another key than the pinned one is no key', async () => {
  const words = await failing(untouched, shape.made.other);
  expect(words).toContain(`no key to verify ${SRPM} with`);
  expect(words).toContain(shape.made.fingerprint);
});

test('not signed at all', async () => {
  const words = await failing(() => cp(join(shape.made.unsigned, SRPM), srpm()));
  expect(words).toContain(`${SRPM} is not signed`);
  expect(words).toContain('Nothing of it was unpacked or used');
});

test('signed by somebody else: by whom, and who may', async () => {
  const words = await failing(() => cp(join(shape.made.foreign, SRPM), srpm()));
  expect(words).toContain(`${SRPM} is signed, but by no key that the recipe trusts`);
  expect(words).toContain(shape.made.otherFingerprint.slice(-8).toLowerCase());
  expect(words).toContain(shape.made.fingerprint);
});

test('signed by somebody else, whose key the user gives: the pinned fingerprint decides', async () => {
  const both = join(shape.place.dir, 'both.asc');
  await writeFile(both, `${await readFile(shape.made.other, 'utf8')}\n${await readFile(shape.made.key, 'utf8')}`);
  const words = await failing(() => cp(join(shape.made.foreign, SRPM), srpm()), both);
  expect(words).toContain(`${SRPM} is signed, but by no key that the recipe trusts`);
});

test('cut off in the middle, where the server knows no better', async () => {
  const words = await failing(async () => {
    const bytes = await readFile(srpm());
    await writeFile(srpm(), bytes.subarray(0, bytes.length / 2));
  });
  expect(words).toContain(`${SRPM} is damaged`);
  expect(words).toContain('--refresh');
});

test('one bit is another', async () => {
  expect(await failing(() => flipByte(srpm()))).toContain(`${SRPM} is damaged`);
});

test('an archive without the patch that the recipe takes out of it', async () => {
  await shape.change({ from: 'lvs-fullnat-synproxy/lvs-2.6.32', to: 'lvs-fullnat-synproxy/lvs-2.6.18' });
  const words = await failing(untouched);
  await shape.change();
  expect(words).toContain('lvs-fullnat-synproxy/lvs-2.6.18-220.23.1.el6.patch');
  expect(words).toContain(LVS_PACKAGE);
});

test('a web page in place of the archive', async () => {
  await using server = await startFaultyServer();
  const page = Buffer.from('<!DOCTYPE html>\n<html><title>Wiki</title><p>There is no file of this name.</html>\n');
  const url = server.on(`/wiki/${LVS_PACKAGE}`, serve(page, { 'content-type': 'text/html' }));
  server.on(`/wiki/${SRPM}`, serve(await readFile(join(shape.made.mirror, SRPM))));
  const run = await shape.place.run([
    ...['fetch', '--refresh', '--mirror', url.slice(0, url.lastIndexOf('/')), '--key', shape.made.key],
    ...['--keep-going'],
  ]);
  expect(run.code, run.stderr).toBe(3);
  expect(run.stderr).toMatch(new RegExp(`/wiki/${LVS_PACKAGE}\n +HTML page instead of an archive\n`));
});

test('the mirror is good again, and so is everything', async () => {
  const run = await fetch(untouched);
  expect(run.code, run.stderr).toBe(0);
});

test('a mirror directory that is empty: every source and every place at once', async () => {
  const empty = join(shape.place.dir, 'empty');
  await mkdir(empty);
  const run = await shape.place.run(['fetch', '--refresh', '--mirror', empty, '--key', shape.made.key]);
  expect(run.code, run.stderr).toBe(3);
  for (const file of [SRPM, LVS_PACKAGE]) expect(run.stderr).toContain(file);
  expect(run.stderr).toContain('refused');
});
