import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import { dnfHost } from '../helpers/dnf-host.ts';
import { changeRecipe, forgetRegistry, ownImage, realImages, removeOwnImages } from '../helpers/own-images.ts';
import {
  type Machine,
  type PushedImage,
  pushedIn,
  registryRig,
  type RegistryRig,
  resultOf,
} from '../helpers/registry-rig.ts';
import { repositoryContainer } from '../helpers/repository-container.ts';
import { expectCode } from '../helpers/run-factory.ts';

/** Builder and repository through a real registry: pushed, removed, pulled by digest, used. Each test goes on from the one before. */
const NAME = `reg${String(process.pid)}`;
const HELLO = 'test/fixtures/recipes/hello';
const containers = createContainers({ owner: NAME, runId: 'test' });
let rig: RegistryRig;

describe('the small recipe with a real builder', () => {
  const BUILDER = `${NAME}r-builder`;
  const STEP = `builder-image:${BUILDER}`;
  let first: Machine;
  let later: Machine;
  let target = '';
  let pushed: readonly PushedImage[] = [];
  afterAll(() => rig[Symbol.asyncDispose]());

  beforeAll(async () => {
    rig = await registryRig(NAME);
    [first, later] = [rig.on(HELLO, 'first'), rig.on(HELLO, 'later')];
    const [builder, there] = await realImages();
    target = there;
    await ownImage(rig.work, BUILDER, builder);
    await changeRecipe(join(rig.work, HELLO, 'recipe.yaml'), [['context: debian-builder', `context: ${BUILDER}`]]);
  });

  test('a registry that is killed in the middle of a push, and comes back: the push goes on', async () => {
    let killed: Promise<void> | undefined;
    const push = await first(['images', 'push', '--json', '--verbose', '--only', STEP], {
      onStderr: (text) => {
        if (!text.includes(`images: ${BUILDER} to `)) return;
        killed ??= rig.server
          .received(16 * 1024 ** 2)
          .then(() => rig.server.kill())
          .then(() => rig.server.start());
      },
    });
    await killed;
    expectCode(push, 0);
    expect(push.stderr).toMatch(/Retrying in|; again in/);
    pushed = pushedIn(push);
    const again = await first(['images', 'push', '--json', '--only', STEP]);
    expectCode(again, 0);
    expect(pushedIn(again).some((image) => image.pushed)).toBe(false);
  });

  test('pulled by digest on a machine that has neither builder nor results; the build uses it', async () => {
    expectCode(await first(['lock']), 0);
    const { image = '', digest = '' } = pushed.find(({ name }) => name === BUILDER) ?? {};
    expect((await rig.lockOf(HELLO)).images[BUILDER]).toMatchObject({ pushed: `${image}@${digest}` });
    const before = (await containers.imageId(`${image}@${digest}`)) ?? '';
    await removeOwnImages(BUILDER);
    expect(await containers.imageId(before)).toBeUndefined();

    const published = await later(['publish', '--frozen', '--json']);
    expectCode(published, 0);
    const made = published.events.flatMap((event) => (event.type === 'step-made' ? [event.record] : []));
    expect(made.find(({ step }) => step === STEP)).toMatchObject({
      facts: { how: 'pulled from a registry', pulled: `${image}@${digest}` },
      outputs: [{ engineId: before }, {}],
    });
    expect(made.map(({ step }) => step)).toContain('rebuild-srpm:hello-director');
  });

  test('the repository image goes the same way, and a host installs from it with both checks on', async () => {
    const made = await later(['image', '--push', '--json']);
    expectCode(made, 0);
    const { image: id, pushed: there } = resultOf(made) as { image: string; pushed: PushedImage };
    expect(there).toMatchObject({ image: `${rig.prefix}/repository`, pushed: true });
    const snapshot = (await readFile(join(rig.dir, 'later/repository/hello/current'), 'utf8')).trim();
    expect(there.tags).toContain(`hello-${snapshot}`);

    const own = (await describedRepositories(id)).filter((name) => !name.startsWith(`${rig.server.host}/`));
    await forgetRegistry(rig.server.host);
    for (const name of own) await promisify(execFile)('docker', ['rmi', name]);
    expect(await containers.imageId(id)).toBeUndefined();
    const { hooks } = rig;
    expect(await containers.pull(there.image, there.digest, hooks)).toBe(id);
    await using web = await repositoryContainer(`${there.image}@${there.digest}`);
    await using host = await dnfHost(target, `${web.url}/hello/fullnat-hello.repo`);
    const { code, output } = await host.run(
      'grep -c check=1 /etc/yum.repos.d/factory.repo && dnf -y --setopt=skip_if_unavailable=0 --enablerepo=fullnat-hello install hello && hello',
    );
    expect(output).toMatch(/^hello.*\.fn12\.(toa|ipvs_20bit)/m);
    expect(code).toBe(0);
    expect(output).toMatch(/^2$/m);
  });

  test('the run page says where the builder came from', async () => {
    const pages = await Promise.all(
      (await readdir(join(rig.dir, 'later/runs'))).map((run) =>
        readFile(join(rig.dir, 'later/runs', run, 'index.html'), 'utf8'),
      ),
    );
    const { image = '', digest = '' } = pushed.find(({ name }) => name === BUILDER) ?? {};
    expect(pages.some((page) => page.includes(`${image}@${digest}`))).toBe(true);
  });
});

/** Names of an image in the engine. */
async function describedRepositories(id: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('docker', ['inspect', '--format', '{{json .RepoTags}}', id]);
  return JSON.parse(stdout) as string[];
}
