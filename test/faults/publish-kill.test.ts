import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createServer } from '../../pipeline/serve/index.ts';
import { errorCode } from '../../pipeline/store/durable.ts';
import { dnfHost } from '../helpers/dnf-host.ts';
import { expectCode, workplace } from '../helpers/run-factory.ts';
import { memoryDir } from '../helpers/temp-dir.ts';
import { publishRig } from './publish-rig.ts';
import { type Job, publishInPlace, RECIPE } from './publish-steps.ts';
import { readRepository, readThroughPointer, startReader } from './repository-reader.ts';

const RANDOM_KILLS = 200;
/** Of those: while dnf refreshes in a container, a second or so each time. */
const KILLS_WITH_DNF = 60;
/** Of publishers in place: enough for a number. */
const PLAIN_ROUNDS = 150;
const PLAIN_KILLS = 40;

function tell(line: string): void {
  process.stdout.write(`publish-kill: ${line}\n`);
}

test('a publisher that is killed at every file operation in turn', async () => {
  const rig = publishRig();
  await rig.converge(rig.next());
  const whole = await rig.publisher([rig.next()]);
  await rig.prune();
  expect(whole.errors).toBe('');
  expect(whole.operations).toBeGreaterThan(100);

  const reader = startReader(() => readThroughPointer(rig.base, rig.key));
  let kills = 0;
  for (let at = 1; at <= whole.operations; at++) {
    const job = rig.next();
    const { signal, errors } = await rig.publisher([job], { killAt: at });
    // The order of operations that run beside each other may differ, their number by a chunk that is read at once or in two.
    if (signal === 'SIGKILL') kills += 1;
    else expect(errors).toBe('');
    await readThroughPointer(rig.base, rig.key);
    await rig.converge(job);
    await reader.passed();
    await rig.prune();
  }
  await reader.stop();
  tell(
    `${kills} kills, one at each of ${whole.operations} file operations; ${reader.reads} reads, ${reader.torn.length} torn`,
  );
  expect(reader.torn).toEqual([]);
  expect(kills).toBeGreaterThanOrEqual(whole.operations - 2);
});

test('a publisher that is killed at random moments, while dnf refreshes too', async () => {
  const rig = publishRig();
  await rig.converge(rig.next());
  const server = createServer({ root: rig.root, log: () => undefined });
  const url = await server.listen(0, '127.0.0.1');
  await using host = await dnfHost(await targetImage(), `${url}${RECIPE}/fullnat-${RECIPE}.repo`);
  const makecache = `dnf -q -y --repo fullnat-${RECIPE} --setopt=skip_if_unavailable=0 --refresh makecache`;
  const dnf = host.run(`until [ -e /tmp/stop ]; do ${makecache} && echo @fine || echo @refused; done`);
  let said = '';
  const reader = startReader(() => readThroughPointer(rig.base, rig.key));
  let kills = 0;
  while (kills < RANDOM_KILLS) {
    const jobs = Array.from({ length: 6 }, () => rig.next());
    const { signal, errors } = await rig.publisher(jobs, { killAfter: Math.random() * 60 });
    expect(errors).toBe('');
    if (signal === 'SIGKILL') kills += 1;
    await readThroughPointer(rig.base, rig.key);
    await rig.converge(rig.next());
    if (kills === KILLS_WITH_DNF && said === '') {
      await host.run('touch /tmp/stop');
      said = (await dnf).output;
      await server.close();
    }
    // What dnf began to read has to stay.
    if (said === '') continue;
    await reader.passed();
    await rig.prune();
  }
  await reader.stop();
  const [fine, refused] = [/@fine/g, /@refused/g].map((word) => said.match(word)?.length ?? 0);
  tell(
    `${kills} kills at random moments; ${reader.reads} reads, ${reader.torn.length} torn; dnf makecache ${fine} times, refused ${refused} times`,
  );
  expect(reader.torn).toEqual([]);
  expect(refused, said).toBe(0);
  expect(fine).toBeGreaterThan(0);
});

test('for comparison: an index that is made anew in the served directory', async () => {
  const rig = publishRig();
  await rig.converge(rig.next());
  const through = startReader(() => readThroughPointer(rig.base, rig.key));
  await rig.publisher(Array.from({ length: PLAIN_ROUNDS }, () => rig.next()));
  await through.stop();
  tell(`by pointer: ${PLAIN_ROUNDS} publishes on end, ${through.reads} reads, ${through.torn.length} torn`);
  expect(through.torn).toEqual([]);

  const dir = memoryDir();
  const here = (): Job => ({ ...rig.next(), root: dir });
  const job = here();
  await publishInPlace(dir, job.template, job.files);
  const reader = startReader(() => readRepository(dir, rig.key));
  await rig.publisher(Array.from({ length: PLAIN_ROUNDS }, here), { inPlace: true });
  await reader.stop();
  let refused = 0;
  for (let kill = 0; kill < PLAIN_KILLS; kill++) {
    await rig.publisher(Array.from({ length: 50 }, here), { inPlace: true, killAfter: Math.random() * 20 });
    const next = here();
    try {
      await publishInPlace(dir, next.template, next.files);
    } catch (error) {
      expect(errorCode(error)).toBe('EEXIST');
      refused += 1;
      await rm(join(dir, '.repodata'), { recursive: true });
      await publishInPlace(dir, next.template, next.files);
    }
  }
  tell(
    `in place: ${PLAIN_ROUNDS} publishes on end, ${reader.reads} reads, ${reader.torn.length} torn; after ${PLAIN_KILLS} kills ${refused} runs refused`,
  );
  expect(reader.reads).toBeGreaterThan(0);
});

/** The engine's image that hosts of the hello recipe are played with; made when it is not there. */
async function targetImage(): Promise<string> {
  await using place = await workplace();
  const built = await place.run(['build', '--only', 'builder-image:debian-target', '--json']);
  expectCode(built, 0);
  const image = built.events
    .flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []))
    .find(({ kind, name }) => kind === 'image' && name === 'debian-target');
  if (image?.engineId === undefined) throw new Error('no target image in the records');
  return image.engineId;
}
