import { execFile } from 'node:child_process';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import { changeRecipe, describedBy, forgetRegistry, removeOwnImages, tinyImages } from '../helpers/own-images.ts';
import {
  howsOf,
  type Machine,
  type PushedImage,
  pushedIn,
  registryRig,
  type RegistryRig,
  resultOf,
  warningsOf,
} from '../helpers/registry-rig.ts';
import { expectCode } from '../helpers/run-factory.ts';
import { tinyRootfs } from '../helpers/tiny-image.ts';
import { watchSecrets } from '../helpers/watch-secrets.ts';

/**
 * What may go wrong with a registry, on images of a few megabytes that only this test has. That a machine is new is played by
 * removing them. Each test goes on from the one before.
 */
const NAME = `rtr${String(process.pid)}`;
const HELLO = 'test/fixtures/recipes/hello';
const containers = createContainers({ owner: NAME, runId: 'test' });
const never = new AbortController().signal;
let rig: RegistryRig;

describe('a small base and an image on it', () => {
  const RECIPE = 'test/fixtures/tiny/hello';
  const BOTH = ['--only', `builder-image:${NAME}`];
  const file = () => join(rig.work, RECIPE, 'recipe.yaml');
  let one: Machine;
  afterAll(() => rig[Symbol.asyncDispose]());
  let machines = 0;
  let pushed: readonly PushedImage[] = [];

  beforeAll(async () => {
    rig = await registryRig(NAME);
    one = rig.on(RECIPE, 'one');
    await cp(join(rig.work, HELLO), join(rig.work, RECIPE), { recursive: true });
    await tinyImages(rig.work, NAME, join(rig.dir, 'no-bootstrap'));
    await changeRecipe(file(), [
      ['  debian:\n    image: docker.io/library/debian', `  ${NAME}:\n    image: 127.0.0.1:1/none`],
      ['dockerfiles/debian-base', `dockerfiles/${NAME}-base`],
      ['builder: { context: debian-builder, from: debian }', `builder: { context: ${NAME}, from: ${NAME} }`],
      ['target: { context: debian-target, from: debian }', `target: { context: ${NAME}, from: ${NAME} }`],
    ]);
  });

  /** A machine that has nothing yet. */
  async function another(cache = true) {
    await removeOwnImages(NAME);
    await forgetRegistry(rig.server.host);
    return rig.on(RECIPE, `machine-${String((machines += 1))}`, cache);
  }
  const builds = (how: 'built' | 'pulled from a registry') => [
    `base-image:${NAME}: ${how === 'built' ? 'bootstrapped with mmdebstrap' : how}`,
    `builder-image:${NAME}: ${how}`,
  ];

  test('nobody named a registry, and half a login', async () => {
    const unnamed = await rig.on(RECIPE, 'one', false)(['images', 'push']);
    expectCode(unnamed, 2);
    expect(unnamed.stderr).toContain('--image-cache registry/path');
    const image = await rig.on(RECIPE, 'one', false)(['image', '--push']);
    expectCode(image, 2);
    expect(image.stderr).toContain('no registry is named to push to');
    const odd = await rig.on(RECIPE, 'one', false)(['images', 'pull', '--image-cache', 'acme/fullnat']);
    expectCode(odd, 2);
    expect(odd.stderr).toContain('--image-cache acme/fullnat is no place in a registry');
    const half = await one(['images', 'pull'], { env: { FACTORY_REGISTRY_PASSWORD: '' } });
    expectCode(half, 2);
    expect(half.stderr).toContain('FACTORY_REGISTRY_PASSWORD is not');
  });

  test('an empty registry: made as ever, without a warning', async () => {
    const made = await one(['build', '--json', ...BOTH]);
    expectCode(made, 0);
    expect(howsOf(made)).toEqual(builds('built'));
    expect(warningsOf(made)).toEqual([]);
  });

  test('the wrong password: nothing is pushed, and it is not shown', async () => {
    const { code, stderr } = await one(['images', 'push', ...BOTH], {
      env: { FACTORY_REGISTRY_PASSWORD: 'wrong-pass' },
    });
    expect(code).toBe(6);
    expect(stderr).toContain(`the registry ${rig.server.host} does not take or give`);
    expect(stderr).toContain('unauthorized');
    expect(stderr).not.toContain('wrong-pass');
  });

  test('a push, and the same again: it is there already; the password is nowhere', async () => {
    const { FACTORY_REGISTRY_USER: user = '', FACTORY_REGISTRY_PASSWORD: password = '' } = rig.login;
    const secrets = [password, Buffer.from(`${user}:${password}`).toString('base64')];
    const outputs: string[] = [];
    const watched = await watchSecrets(join(rig.dir, 'one'), secrets, async () => {
      for (const there of [false, true]) {
        const push = await one(['images', 'push', '--json', '--verbose', ...BOTH]);
        expectCode(push, 0);
        pushed = pushedIn(push);
        expect(pushed.map(({ name }) => name)).toEqual([`${NAME}-base`, NAME]);
        expect(pushed.map((image) => image.pushed)).toEqual([!there, !there]);
        outputs.push(push.stdout, push.stderr);
      }
    });
    expect(watched.leaks).toEqual([]);
    for (const { image, digest, tags } of pushed) {
      expect(image).toMatch(new RegExp(`^${rig.prefix}/${NAME}`));
      const { hooks } = rig;
      for (const tag of tags) expect(await containers.registryDigest(`${image}:${tag}`, hooks)).toBe(digest);
      outputs.push(await describedBy(`${image}@${digest}`));
    }
    const { stdout: found } = await promisify(execFile)('grep', ['-rlF', password, join(rig.dir, 'one')]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(found).toBe('');
    for (const secret of secrets) for (const output of outputs) expect(output).not.toContain(secret);
  });

  test('another machine pulls both, bootstraps nothing and builds nothing', async () => {
    await writeFile(join(rig.dir, 'no-bootstrap'), '');
    const machine = await another();
    const made = await machine(['build', '--json', ...BOTH]);
    expectCode(made, 0);
    expect(howsOf(made)).toEqual(builds('pulled from a registry'));
    const facts = made.events.flatMap((event) => (event.type === 'step-made' ? [event.record.facts.pulled] : []));
    expect(facts).toEqual(pushed.map(({ image, digest }) => `${image}@${digest}`));
    const again = await machine(['images', 'pull', '--json']);
    expect(resultOf(again)).toMatchObject({ images: [{ name: `${NAME}-base` }, { name: NAME }] });
  });

  test('--offline and none ask no registry', async () => {
    const offline = await (await another())(['build', '--json', '--offline', ...BOTH]);
    expectCode(offline, 6);
    // Bootstrapping is forbidden here.
    const none = ['build', '--json', '--image-cache', 'none', ...BOTH];
    const alone = await (await another(false))(none, { env: { FACTORY_IMAGE_CACHE: rig.prefix } });
    expectCode(alone, 4);
    for (const run of [offline, alone]) {
      expect(howsOf(run)).toEqual([]);
      expect(run.stdout).not.toContain(rig.server.host);
    }
  });

  test('the lock has the digests; with it they are pulled by digest alone, also where nobody names the registry', async () => {
    const machine = await another();
    expectCode(await machine(['lock', ...BOTH]), 0);
    const { images } = await rig.lockOf(RECIPE);
    expect(Object.entries(images).map(([name, entry]) => [name, 'pushed' in entry && entry.pushed])).toEqual(
      pushed.map(({ name, image, digest }) => [name, `${image}@${digest}`]).sort(),
    );
    // Its login is that of `docker login`: our own goes only where the user sends it.
    const named = await (await another(false))(['build', '--json', '--frozen', ...BOTH]);
    expect(named.code).not.toBe(0);
    expect(warningsOf(named)).toEqual([expect.stringContaining(`the registry ${rig.server.host} gives no images`)]);
    expect(warningsOf(named)[0]).toContain('no basic auth credentials');
    const { FACTORY_REGISTRY_USER: user = '', FACTORY_REGISTRY_PASSWORD: password = '' } = rig.login;
    const auth = Buffer.from(`${user}:${password}`).toString('base64');
    await writeFile(join(rig.dir, 'config.json'), JSON.stringify({ auths: { [rig.server.host]: { auth } } }));
    const env = { DOCKER_CONFIG: rig.dir, FACTORY_REGISTRY_USER: '', FACTORY_REGISTRY_PASSWORD: '' };
    const kept = await (await another(false))(['build', '--json', '--frozen', ...BOTH], { env });
    expectCode(kept, 0);
    expect(howsOf(kept)).toEqual(builds('pulled from a registry'));
  });

  test('a tag that was moved to a foreign image: not used without a lock, not even asked with one', async () => {
    const foreign = await containers.importImage(
      await tinyRootfs(),
      { tag: `fullnat-factory/${NAME}-foreign:1`, labels: {} },
      never,
    );
    const [, image] = pushed;
    const tag = image?.tags.find((one) => one.startsWith('of-')) ?? '';
    const { hooks } = rig;
    const digest = await containers.pushImage(foreign, `${image?.image ?? ''}:${tag}`, hooks);

    const locked = await (await another())(['build', '--json', '--frozen', ...BOTH]);
    expectCode(locked, 0);
    expect(howsOf(locked)).toEqual(builds('pulled from a registry'));
    expect(warningsOf(locked)).toEqual([]);

    // A lock that names the foreign image contradicts itself.
    const lock = await rig.lockOf(RECIPE);
    const lockFile = join(rig.dir, 'other-lock.json');
    const entry = lock.images[NAME];
    const images = { ...lock.images, [NAME]: { ...entry, pushed: `${image?.image ?? ''}@${digest}` } };
    await writeFile(lockFile, JSON.stringify({ ...lock, images }));
    const wrong = await (await another())(['build', '--frozen', ...BOTH, '--lock', lockFile]);
    expectCode(wrong, 3);
    expect(wrong.stderr).toContain(`image ${NAME} is not the locked one`);

    await rm(join(rig.work, RECIPE, 'lock.json'));
    const unlocked = await (await another())(['build', '--json', ...BOTH]);
    expectCode(unlocked, 0);
    expect(howsOf(unlocked)).toEqual([builds('pulled from a registry')[0], builds('built')[1]]);
    expect(warningsOf(unlocked)).toEqual([expect.stringMatching(/is not what its name says/)]);
  });

  test('a registry that is not there, or refuses: one warning, and everything is made', async () => {
    await rm(join(rig.dir, 'no-bootstrap'));
    const refused = await (
      await another()
    )(['build', '--json', ...BOTH], { env: { FACTORY_REGISTRY_PASSWORD: 'wrong-pass' } });
    expectCode(refused, 0);
    expect(howsOf(refused)).toEqual(builds('built'));
    expect(warningsOf(refused)).toEqual([expect.stringContaining(`${rig.server.host} gives no images`)]);
    expect(warningsOf(refused)[0]).toContain('unauthorized');

    const machine = await another();
    await rig.server.kill();
    const absent = await machine(['build', '--json', ...BOTH]);
    const push = await machine(['images', 'push', ...BOTH]);
    await rig.server.start();
    expectCode(absent, 0);
    expect(howsOf(absent)).toEqual(builds('built'));
    expect(warningsOf(absent)).toEqual([
      expect.stringMatching(`${rig.server.host} gives no images.*connection refused`),
    ]);
    expectCode(push, 6);
    expect(push.stderr).toContain('connection refused');
  });

  test('the recipe may name the registry', async () => {
    await changeRecipe(file(), [
      [`builder: { context: ${NAME}, `, `builder: { context: ${NAME}, cache: ${rig.prefix}, `],
    ]);
    const env = { DOCKER_CONFIG: rig.dir, FACTORY_REGISTRY_USER: '', FACTORY_REGISTRY_PASSWORD: '' };
    const made = await (await another(false))(['build', '--json', ...BOTH], { env });
    expectCode(made, 0);
    expect(howsOf(made)[0]).toBe(builds('pulled from a registry')[0]);
  });
});
