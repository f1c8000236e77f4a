import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectCode, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';

/** A recipe with a pair, through the command line; the second test goes on from the first. */
let place: Workplace;
beforeAll(async () => {
  place = await workplace('pair');
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

const snapshots = (): Promise<string[]> => readdir(join(place.artifacts, 'repository/pair/snapshots'));

test('a pair that matches: the snapshot holds pair.json, and its manifest the id', async () => {
  expectCode(await place.run(['build', '--json', '--only', 'snapshot']), 0);
  const [id = ''] = await snapshots();
  const dir = join(place.artifacts, 'repository/pair/snapshots', id);
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(dir, name), 'utf8'));
  const pair = (await json('pair.json')) as { id: string; toaOption: number; checks: { ok: boolean }[] };
  expect(pair).toMatchObject({ schema: 1, recipe: 'pair', toaOption: 254, ok: true });
  expect(pair.id).toMatch(/^[0-9a-f]{16}$/);
  expect(pair.checks.every(({ ok }) => ok)).toBe(true);
  expect(await json('manifest.json')).toMatchObject({ pair: { id: pair.id, toaOption: 254 } });
  expect(await readFile(join(dir, 'SHA256SUMS'), 'utf8')).toMatch(/ {2}pair\.json$/m);
});

test('another number in the backend: exit code 5, and no snapshot of it', async () => {
  const before = await snapshots();
  const file = join(place.recipe, 'recipe.yaml');
  const [start, director, backend, ...rest] = (await readFile(file, 'utf8')).split("with: '%define toa_option 254'");
  expect(rest).toEqual([]);
  await writeFile(file, `${start}with: '%define toa_option 254'${director}with: '%define toa_option 200'${backend}`);
  const run = await place.run(['publish', '--json']);
  expectCode(run, 5);
  const failures = run.events.flatMap((event) => (event.type === 'step-failed' ? [event.failure] : []));
  expect(failures).toEqual([
    {
      kind: 'PairMismatch',
      step: 'verify-pair',
      checks: [{ id: 'toa-option', got: 'director 254, backend 200', want: 'the same number in both' }],
    },
  ]);
  expect(stepsOf(run, 'step-started')).not.toContain('snapshot');
  expect(await snapshots()).toEqual(before);
});
