import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextPointer, parsePointer, type Pointer, pointerText } from '../../pipeline/plan/pointer.ts';
import { createServer } from '../../pipeline/serve/index.ts';
import { readClearSigned } from '../../pipeline/tools/repository-clear-signed.ts';
import { checkRepository, type Checked } from '../helpers/check-repository.ts';
import { containersCreatedDuring } from '../helpers/engine-objects.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { expectCode, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';
import { signedPointer } from '../helpers/signed-pointer.ts';
import { signingKey } from '../helpers/signing-key.ts';

/** What a host that checks the signed pointer believes and refuses; each test goes on from the one before. */
let place: Workplace;
let [base, first, second] = ['', '', ''];
/** What to close at the end, the last first. */
const open: AsyncDisposable[] = [];
const EXIT = {
  ok: 0,
  signature: 10,
  recipe: 11,
  expired: 12,
  older: 13,
  mirrorlist: 14,
  snapshot: 15,
  clock: 16,
  gone: 20,
};
const NO_ENGINE = { env: { DOCKER_HOST: 'tcp://127.0.0.1:1' } };

const path = (...parts: string[]): string => join(place.dir, ...parts);
/** The directory that hosts see: a mirror, so that it can lie. */
const mirror = (...parts: string[]): string => path('mirror/hello', ...parts);
const published = (...parts: string[]): string => join(place.artifacts, 'repository/hello', ...parts);
const own = (): string[] => ['--signing-key', path('own.asc')];
const states = (file = mirror('pointer.asc')): Pointer => {
  const pointer = parsePointer(readClearSigned(readFileSync(file, 'latin1'))?.text ?? '');
  if (pointer === undefined) throw new Error(`${file} is no pointer`);
  return pointer;
};

beforeAll(async () => {
  place = await workplace();
  open.push(place);
  const server = createServer({ root: path('mirror'), log: () => undefined });
  base = `${await server.listen(0, '127.0.0.1')}hello`;
  open.push({ [Symbol.asyncDispose]: () => server.close() });
});
afterAll(async () => {
  for (const one of open.toReversed()) await one[Symbol.asyncDispose]();
});

/** The mirror takes over what is published. */
async function mirrored(): Promise<void> {
  await rm(path('mirror'), { recursive: true, force: true });
  cpSync(published(), mirror(), { recursive: true });
}

/** Checks as a host with the published script, the key that it was given once, and what it saw before. */
const check = (args: readonly string[] = [], options: { readonly date?: string } = {}): Promise<Checked> =>
  checkRepository(place.dir, ['--key', path('own.asc.pub'), '--state', path('seen'), ...args, base], {
    script: path('check-repository.sh'),
    ...options,
  });

async function expectExit(checked: Promise<Checked>, kind: keyof typeof EXIT, ...says: string[]): Promise<void> {
  const { code, output } = await checked;
  expect({ code, output }).toMatchObject({ code: EXIT[kind] });
  for (const words of says) expect(output).toContain(words);
  if (kind !== 'ok' && kind !== 'gone') expect(output).toContain(`check-repository: ${kind}: `);
}
const seen = (): string => readFileSync(path('seen'), 'utf8');

test('fresh: a host believes a first publication, and remembers it', async () => {
  const wish = ['--name', 'Own Key', '--email', 'own@example.invalid', '--bits', '2048', '--out', path('own.asc')];
  expectCode(await place.run(['key', 'new', ...wish]), 0);
  expectCode(await place.run(['publish', ...own()]), 0);
  first = states(published('pointer.asc')).snapshot;
  await mirrored();
  cpSync(mirror('check-repository.sh'), path('check-repository.sh'));
  const { serial, publishedAt, expires } = states();
  expect(Date.parse(expires) - Date.parse(publishedAt)).toBe(30 * 86_400_000);
  await expectExit(check(['--complete']), 'ok', first, `serial ${serial}`, expires);
  expect(seen()).toBe(`${serial} ${first} ${publishedAt}\n`);
  // The same without a server: what lies in a directory.
  const keyed = ['--key', path('own.asc.pub'), '--state', path('other-state')];
  await expectExit(checkRepository(place.dir, [...keyed, '--complete', mirror()]), 'ok', first);
  // And on a host without curl.
  const wget = { script: path('check-repository.sh'), without: ['curl'] };
  await expectExit(checkRepository(place.dir, [...keyed, '--complete', base], wget), 'ok', first);
  await expectExit(checkRepository(place.dir, [...keyed, `${base}/none`], wget), 'gone', 'wget ended with 8');
  const neither = await checkRepository(place.dir, [...keyed, base], { ...wget, without: ['curl', 'wget'] });
  expect(neither).toMatchObject({ code: 69 });
  expect(neither.output).toContain('neither curl nor wget');
  // And the script itself is signed.
  await promisify(execFile)('gpg', ['--homedir', await gpgHome(), '--verify', mirror('check-repository.sh.asc')]);
});

test('a publish with nothing new signs nothing; with less than half of its life left it signs the pointer anew', async () => {
  const before = readFileSync(published('pointer.asc'), 'utf8');
  const created = await containersCreatedDuring(place.artifacts, async () => {
    const again = await place.run(['publish', '--json', ...own()], NO_ENGINE);
    expectCode(again, 0);
    expect(stepsOf(again, 'step-started')).toEqual([]);
  });
  expect(created).toBe(0);
  expect(readFileSync(published('pointer.asc'), 'utf8')).toBe(before);

  const wish = { recipe: 'hello', snapshot: first, validDays: 30 };
  const old = nextPointer(undefined, wish, new Date(Date.now() - 16 * 86_400_000));
  await writeFile(published('pointer.asc'), await clearSigned(pointerText(old)));
  const renewed = await place.run(['publish', '--json', ...own()]);
  expectCode(renewed, 0);
  expect(stepsOf(renewed, 'step-started')).toEqual(['publish']);
  const [started] = renewed.events.filter((event) => event.type === 'step-started');
  expect(started).toMatchObject({
    why: `the signed pointer expires ${old.expires}: less than half of its life is left`,
  });
  const now = states(published('pointer.asc'));
  expect(now).toMatchObject({ snapshot: first, publishedAt: old.publishedAt });
  expect(Date.parse(now.expires)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
});

test('renew: the same snapshot, a new serial, a later end; without an engine it says so and changes nothing', async () => {
  const before = states(published('pointer.asc'));
  expectCode(await place.run(['renew', ...own()], NO_ENGINE), 6);
  const foreign = await place.run(['renew']);
  expectCode(foreign, 2);
  expect(foreign.stderr).toContain('no key for it is here');
  expect(states(published('pointer.asc'))).toEqual(before);
  const renewed = await place.run(['renew', '--json', ...own()]);
  expectCode(renewed, 0);
  const after = states(published('pointer.asc'));
  expect(JSON.parse(renewed.stdout)).toMatchObject({ snapshot: first, serial: after.serial, before: before.expires });
  expect(after).toMatchObject({ snapshot: first, publishedAt: before.publishedAt });
  expect(after.serial).toBeGreaterThan(before.serial);
  await mirrored();
  await expectExit(check(), 'ok');
  const listed = await place.run(['snapshots'], NO_ENGINE);
  expect(listed.stdout).toContain(`good until ${after.expires}`);
});

test('a second publication, and an operator who goes back: a host follows both without being told', async () => {
  const file = join(place.recipe, 'recipe.yaml');
  const yaml = await readFile(file, 'utf8');
  await writeFile(
    file,
    yaml
      .replace('CONFIG_HELLO_BITS: 20', 'CONFIG_HELLO_BITS: 21')
      .replace('.ipvs_20bit', '.ipvs_21bit')
      .replace('director: 20 bits', 'director: 21 bits'),
  );
  cpSync(mirror(), path('old/hello'), { recursive: true });
  expectCode(await place.run(['publish', ...own()]), 0);
  second = states(published('pointer.asc')).snapshot;
  expect(second).not.toBe(first);
  await mirrored();
  await expectExit(check(), 'ok', second);
  expectCode(await place.run(['rollback', first, ...own()]), 0);
  await mirrored();
  await expectExit(check(), 'ok', first);
  expectCode(await place.run(['publish', ...own()]), 0);
  await mirrored();
  await expectExit(check(), 'ok', second);
});

test('a mirror that replays an old state is refused; who means it has to name its very serial', async () => {
  const now = states();
  cpSync(mirror(), path('new/hello'), { recursive: true });
  await rm(path('mirror'), { recursive: true });
  cpSync(path('old'), path('mirror'), { recursive: true });
  const then = states();
  expect(then.serial).toBeLessThan(now.serial);
  const both = [`serial ${then.serial} (signed ${then.issuedAt}`, `serial ${now.serial} (signed ${now.issuedAt}`];
  await expectExit(check(), 'older', ...both, `--accept-older ${then.serial}`);
  await expectExit(check(['--accept-older', String(now.serial)]), 'older');
  expect(seen()).toContain(String(now.serial));
  await expectExit(check(['--accept-older', String(then.serial)]), 'ok', 'accepted: serial', first);
  expect(seen()).toContain(`${then.serial} ${first} `);
  // What was accepted is what counts from now on.
  await expectExit(check(), 'ok');
  await rm(path('mirror'), { recursive: true });
  cpSync(path('new'), path('mirror'), { recursive: true });
  await expectExit(check(), 'ok', second);
});

test('an expired pointer is refused, and believed once when that is meant; a clock that is behind is told', async () => {
  const { expires } = states();
  await expectExit(check([], { date: '+40 days' }), 'expired', `expired ${expires}`, '--accept-expired');
  await expectExit(check(['--accept-expired'], { date: '+40 days' }), 'ok', `accepted: the pointer expired ${expires}`);
  await expectExit(check([], { date: '+40 days' }), 'expired');
  await expectExit(check([], { date: '-40 days' }), 'clock');
});

test.each<[string, keyof typeof EXIT, (good: string) => string | Promise<string>]>([
  ['signed with a foreign key', 'signature', () => signedPointer(signingKey(), { recipe: 'hello', snapshot: first })],
  ['not signed', 'signature', (good) => readClearSigned(good)?.text ?? ''],
  ['without its signature', 'signature', (good) => good.replace(/-----BEGIN PGP SIGNATURE.*/s, '')],
  ['changed', 'signature', (good) => good.replace(/"expires": "2/, '"expires": "3')],
  ['with words before it', 'signature', (good) => `words\n\n${good}`],
  ['with a second one behind it', 'signature', (good) => good + good],
  ['signed, but of another form', 'signature', () => clearSigned('{\n "schema": 9\n}\n')],
  [
    'of another recipe',
    'recipe',
    (good) => clearSigned((readClearSigned(good)?.text ?? '').replace('"hello"', '"lts"')),
  ],
  ['another one with the same serial', 'older', (good) => clearSigned(textOf(good).replace(second, first))],
])('a pointer that is %s is refused', async (_, kind, change) => {
  const good = readFileSync(mirror('pointer.asc'), 'latin1');
  writeFileSync(mirror('pointer.asc'), await change(good));
  const before = seen();
  await expectExit(check(), kind);
  expect(seen()).toBe(before);
  writeFileSync(mirror('pointer.asc'), good);
});
const textOf = (file: string): string => readClearSigned(file)?.text ?? '';

test('a byte flipped in the pointer, no pointer, another key pinned: all refused', async () => {
  const good = readFileSync(mirror('pointer.asc'));
  await flipByte(mirror('pointer.asc'));
  await expectExit(check(), 'signature');
  await rm(mirror('pointer.asc'));
  await expectExit(check(), 'gone');
  await writeFile(mirror('pointer.asc'), good);
  const fingerprint = (await gpg('--with-colons', '--fingerprint')).match(/^fpr:+([0-9A-F]{40}):/m)?.[1] ?? '';
  await expectExit(check(['--fingerprint', fingerprint.toLowerCase()]), 'ok');
  await expectExit(check(['--fingerprint', '0'.repeat(40)]), 'signature');
});

test('a mirror list that names another snapshot is refused', async () => {
  // factory serve makes the list of this file.
  await writeFile(mirror('current'), `${first}\n`);
  await expectExit(check(), 'mirrorlist', first, second);
  await writeFile(mirror('current'), `${second}\n`);
  await expectExit(check(), 'ok');
});

test('another index or other sums below the name of the current snapshot are refused, although the key signed them', async () => {
  const inSnapshot = (id: string, name: string): string => mirror('snapshots', id, name);
  for (const names of [['repodata/repomd.xml'], ['SHA256SUMS', 'SHA256SUMS.asc']]) {
    const good = names.map((name) => readFileSync(inSnapshot(second, name)));
    for (const name of names) cpSync(inSnapshot(first, name), inSnapshot(second, name));
    await expectExit(check(), 'snapshot', names[0] ?? '');
    for (const [at, name] of names.entries()) writeFileSync(inSnapshot(second, name), good[at] ?? '');
  }
  await expectExit(check(['--complete']), 'ok');
  // It leaves nothing behind.
  expect(
    (await readdir(place.dir)).filter((name) => name.startsWith('check-repository.') && !name.endsWith('.sh')),
  ).toEqual([]);
});

test('what is wrong with the pointer is told by verify and snapshots, and the next publish puts it right', async () => {
  const good = await readFile(published('pointer.asc'));
  await flipByte(published('pointer.asc'));
  const verified = await place.run(['verify'], NO_ENGINE);
  expectCode(verified, 5);
  expect(verified.stderr).toContain('pointer.asc: not a statement that a key published here signed');
  expectCode(await place.run(['publish', ...own()]), 0);
  expectCode(await place.run(['verify'], NO_ENGINE), 0);
  expect(states(published('pointer.asc')).serial).toBeGreaterThan(Number(/"serial": (\d+)/.exec(String(good))?.[1]));
});

/** GnuPG's directory with the repository's own secret key: made once. */
async function gpgHome(): Promise<string> {
  const home = path('gnupg');
  if ((await mkdir(home, { mode: 0o700, recursive: true })) !== undefined) {
    await promisify(execFile)('gpg', ['--homedir', home, '--batch', '--import', path('own.asc')]);
    open.push({
      async [Symbol.asyncDispose]() {
        await promisify(execFile)('gpgconf', ['--homedir', home, '--kill', 'all']);
      },
    });
  }
  return home;
}
async function gpg(...args: string[]): Promise<string> {
  return (await promisify(execFile)('gpg', ['--homedir', await gpgHome(), '--batch', ...args])).stdout;
}

/** What whoever has the repository's key could sign, or once signed. */
async function clearSigned(text: string): Promise<string> {
  await writeFile(path('statement'), text);
  return gpg('--digest-algo', 'SHA256', '--output', '-', '--clearsign', path('statement'));
}
