import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootstrapsRunning, containersFrom, containersOf, removeImages, volumesOf } from '../helpers/engine-objects.ts';
import { expectCode, stepsOf, withNewEpoch, workplace, type Workplace } from '../helpers/run-factory.ts';

/** Stages in the order in which the hello recipe comes to them. */
const STAGES = [
  'fetch-file',
  'base-image',
  'builder-image',
  'assemble-srpm',
  'rebuild-srpm',
  'signing-key',
  'sign',
  'snapshot',
  'verify-install',
  'publish',
];

let place: Workplace;
/** Images that only this test wants, a base before what stands on it. */
const made: string[] = [];
beforeAll(async () => {
  place = await workplace();
  const file = join(place.recipe, 'recipe.yaml');
  await writeFile(file, withNewEpoch(await readFile(file, 'utf8')));
});
afterAll(async () => {
  await removeImages(made);
  await place[Symbol.asyncDispose]();
});

/** What no finished run leaves: files in a tmp directory, and names under which something is being made. */
async function temporaryFiles(): Promise<string[]> {
  const paths = await readdir(place.artifacts, { recursive: true });
  return paths.filter((path) => /(^|\/)(v1\/tmp\/.|\.)|\.part(ial)?(\/|$)|\.[0-9a-f]{8,}$/.test(path));
}

/** Takes a step's record out of the ledger, so that it has to run again. */
async function forget(step: string): Promise<void> {
  const dir = join(place.artifacts, 'ledger/v1/keys');
  for (const name of await readdir(dir)) {
    const record = JSON.parse(await readFile(join(dir, name), 'utf8')) as { step: string };
    if (record.step === step) await rm(join(dir, name));
  }
}

test('kill -9 in every stage, then a plain re-run ends green and clean', async () => {
  const finished = new Set<string>();
  const killed: string[] = [];
  const bootstraps: string[] = [];
  for (const stage of STAGES) {
    // Steps run side by side: one may have ended while another stage was about to be killed. It has its turn all the same.
    for (const step of [...finished].filter((id) => id === stage || id.startsWith(`${stage}:`))) {
      await forget(step);
      finished.delete(step);
    }
    const run = await place.run(['publish', '--json', '--jobs', '1'], {
      onEvent: (event, child) => {
        // In a step with a container: once it talks. In the others: as soon as it has begun.
        const step = event.type === 'log' || event.type === 'step-started' ? event.step : '';
        const talks = /^(base|builder|assemble|rebuild|sign|snapshot|verify)/.test(stage)
          ? event.type === 'log'
          : event.type === 'step-started';
        if (!talks || (step !== stage && !step.startsWith(`${stage}:`)) || child.exitCode !== null) return;
        if (stage !== 'base-image') child.kill('SIGKILL');
        // Seen alive first: the look at the end could otherwise miss every one.
        else void bootstrapsRunning(place.artifacts).then((pids) => bootstraps.push(...pids) && child.kill('SIGKILL'));
      },
    });
    expect(run.signal, `${stage}: ${run.stderr}`).toBe('SIGKILL');
    killed.push(stage);
    for (const step of stepsOf(run, 'step-started'))
      expect(finished, `${step} was finished before`).not.toContain(step);
    for (const step of stepsOf(run, 'step-made')) finished.add(step);
  }
  expect(killed).toEqual(STAGES);

  const last = await place.run(['publish', '--json']);
  expectCode(last, 0);
  for (const step of stepsOf(last, 'step-started')) expect(finished, `${step} was finished before`).not.toContain(step);
  expect(await containersOf(place.artifacts)).toEqual([]);
  expect(await volumesOf(place.artifacts)).toEqual([]);
  const images = last.events.flatMap((event) => (event.type === 'step-cached' ? event.record.outputs : []));
  made.push(...images.flatMap(({ engineId }) => engineId ?? []));
  const base = images.find(({ kind, name }) => kind === 'image' && name === 'debian-base')?.engineId ?? '';
  expect(await containersFrom(base), 'left by a killed image build').toEqual([]);
  expect(bootstraps).not.toEqual([]);
  expect(await bootstrapsRunning(place.artifacts), 'left by a killed bootstrap').toEqual([]);
  expect(await temporaryFiles()).toEqual([]);

  const root = join(place.artifacts, 'repository/hello');
  const current = (await readFile(join(root, 'current'), 'utf8')).trim();
  expect(await readdir(join(root, 'snapshots'))).toEqual([current]);
  expectCode(await place.run(['verify']), 0);
});

test('Ctrl-C stops the container, removes it and says so', async () => {
  const spec = join(place.recipe, 'hello.spec');
  await writeFile(
    spec,
    (await readFile(spec, 'utf8')).replace('%build\n', '%build\necho waiting for a signal\nsleep 300\n'),
  );
  let asked = false;
  const run = await place.run(['build', '--json', '--only', 'hello-backend'], {
    onEvent: (event, child) => {
      if (event.type !== 'log' || asked || event.line !== 'waiting for a signal') return;
      asked = true;
      child.kill('SIGINT');
    },
  });
  expect(asked).toBe(true);
  expect(run.code).toBe(130);
  expect(run.events.some((event) => event.type === 'step-failed' && event.failure.kind === 'Cancelled')).toBe(true);
  expect(await containersOf(place.artifacts)).toEqual([]);
});
