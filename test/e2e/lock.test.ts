import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serve, startFaultyServer } from '../helpers/faulty-server.ts';
import { expectCode, workplace } from '../helpers/run-factory.ts';

test('lock pins on first use, frozen wants the pin, and changed bytes are refused until they are locked', async () => {
  await using place = await workplace();
  await using server = await startFaultyServer();
  const url = server.on('/hello.c', serve(Buffer.from('one\n')));
  const file = join(place.recipe, 'recipe.yaml');
  const yaml = (await readFile(file, 'utf8')).replace(
    / {4}kind: file\n {4}path: hello\.c/,
    `    kind: http\n    urls: [${url}]\n    file: hello.c`,
  );
  await writeFile(file, yaml);
  const lockFile = join(place.recipe, 'lock.json');

  expect((await place.run(['plan', '--frozen'])).code).toBe(3);
  const locked = await place.run(['lock']);
  expectCode(locked, 0);
  expect(locked.stdout).toMatch(/^\+ hello: .*first-use/m);
  const lock = await readFile(lockFile, 'utf8');
  expect(JSON.parse(lock)).toMatchObject({
    version: 2,
    sources: { hello: { kind: 'http', size: 4, trust: 'first-use', mirrors: [url], servedBy: url } },
    images: { 'debian-base': { kind: 'base' }, 'debian-builder': { kind: 'built', from: 'debian' } },
  });
  expectCode(await place.run(['plan', '--frozen']), 0);
  expectCode(await place.run(['fetch', '--frozen', '--offline']), 0);

  server.on('/hello.c', serve(Buffer.from('two\n')));
  await rm(place.artifacts, { recursive: true });
  const refused = await place.run(['fetch', '--frozen']);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('hello.c');
  expect(await readFile(lockFile, 'utf8')).toBe(lock);

  const again = await place.run(['lock']);
  expectCode(again, 0);
  expect(again.stdout).toMatch(/^~ hello: .* -> .*/m);
  expect(await readFile(lockFile, 'utf8')).not.toBe(lock);
  expectCode(await place.run(['lock']), 0);
});
