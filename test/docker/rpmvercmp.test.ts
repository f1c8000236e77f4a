import { beforeAll, describe, expect, it } from 'vitest';
import { compareEvr, parseEvr, rpmvercmp } from '../../pipeline/rpm/evr.ts';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import { linesOf, runToEnd } from '../contract/containers.use.ts';
import { expectCode, workplace } from '../helpers/run-factory.ts';
import { evrPairs, versionPairs } from './rpm-versions.ts';

/** Asked about releases, because rpm 4.18 takes a whole `version-release` and lets only a release be empty. */
const QUESTION =
  'for line in io.lines("/in/pairs") do local a, b = line:match("^(.-)\\t(.*)$"); print(rpm.vercmp(a, b) .. "\\n") end';

const pairs = versionPairs();
/** What rpm 4.8 makes of `~` and `^`: separators like any other. */
const plain = (text: string): string => text.replaceAll(/[~^]/g, '.');
const evrs = evrPairs();

/** The answers of the rpm that the factory builds with (4.18), all from one run. */
describe('rpmvercmp is that of rpm', () => {
  let modern: number[] = [];
  let separated: number[] = [];
  let whole: number[] = [];

  beforeAll(async () => {
    const asked = [
      ...pairs.map(([a, b]) => `0-${a}\t0-${b}`),
      ...pairs.map(([a, b]) => `0-${plain(a)}\t0-${plain(b)}`),
      ...evrs.map(([a, b]) => `${a}\t${b}`),
    ];
    const answers = await askRpm(asked);
    modern = answers.slice(0, pairs.length);
    separated = answers.slice(pairs.length, 2 * pairs.length);
    whole = answers.slice(2 * pairs.length);
  });

  it('has enough to compare, of every outcome', () => {
    expect(pairs.length).toBeGreaterThan(3000);
    for (const outcome of [-1, 0, 1]) expect(modern.filter((answer) => answer === outcome).length).toBeGreaterThan(100);
  });

  it('for every pair that a recipe can have', () => {
    const allowed = pairs.flatMap(([a, b], index) =>
      [a, b].every((text) => /^([A-Za-z0-9._+]*[A-Za-z0-9])?$/.test(text)) ? [{ a, b, order: modern[index] }] : [],
    );
    expect(allowed.length).toBeGreaterThan(1500);
    expect(allowed.filter(({ a, b, order }) => rpmvercmp(a, b) !== order)).toEqual([]);
  });

  it('for all others as rpm 4.8: `~` and `^` only separate, and separators that are left over make newer', () => {
    const left = (text: string): number => (/[^A-Za-z0-9]$/.test(text) ? 1 : 0);
    const wrong = pairs.flatMap(([a, b], index) => {
      const order = separated[index] === 0 ? left(a) - left(b) : separated[index];
      return rpmvercmp(a, b) === order ? [] : [{ a, b, order, ours: rpmvercmp(a, b) }];
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['1.0~rc1', '1.0', -1, 1],
    ['1.0^git1', '1.0a', -1, 1],
    ['1.0^2.1', '1.0.0', -1, 1],
    ['1.', '1', 0, 1],
  ])('knows where the two differ: %s and %s', (a, b, now, then) => {
    expect(modern[pairs.findIndex(([one, other]) => one === a && other === b)]).toBe(now);
    expect(rpmvercmp(a, b)).toBe(then);
  });

  it('with epochs and without releases', () => {
    const wrong = evrs.flatMap(([a, b], index) =>
      compareEvr(parseEvr(a), parseEvr(b)) === whole[index] ? [] : [{ a, b, order: whole[index] }],
    );
    expect(wrong).toEqual([]);
    expect(whole.length).toBeGreaterThan(3000);
  });
});

/** One answer per line of `asked`, from the rpm of the builder image, which the factory makes when the engine lacks it. */
async function askRpm(asked: readonly string[]): Promise<number[]> {
  await using place = await workplace();
  const built = await place.run(['build', '--only', 'builder-image:debian-builder', '--json']);
  expectCode(built, 0);
  const image = built.events
    .flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []))
    .find(({ kind, name }) => kind === 'image' && name === 'debian-builder');
  if (image?.engineId === undefined) throw new Error('no builder image in the records');
  const containers = createContainers({ owner: 'rpmvercmp-test', runId: 'this-run' });
  const ran = await runToEnd(containers, {
    step: 'test:rpmvercmp',
    image: image.engineId,
    command: ['rpm', '--eval', `%{lua: ${QUESTION}}`],
    env: {},
    user: 'builder',
    network: 'none',
    files: [{ path: 'in/pairs', mode: 0o644, bytes: Buffer.from(`${asked.join('\n')}\n`) }],
    tmpfs: {},
    volumes: {},
    idleSeconds: 60,
  });
  const answers = linesOf(ran)
    .filter((line) => line !== '')
    .map(Number);
  expect(linesOf(ran, 'stderr')).toEqual([]);
  expect(answers).toHaveLength(asked.length);
  return answers;
}
