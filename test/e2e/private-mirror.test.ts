import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { expect, test } from 'vitest';
import { readAptMirrors } from '../../pipeline/tools/host/apt-mirrors.ts';
import { startForwardMirror } from '../helpers/forward-mirror.ts';
import { removeImages } from '../helpers/engine-objects.ts';
import { expectCode, withNewEpoch, workplace } from '../helpers/run-factory.ts';

const run = promisify(execFile);

/** grep -r for a fixed string; the files that have it. */
async function filesWith(text: string, dir: string): Promise<string[]> {
  try {
    return (await run('grep', ['-rlaF', text, dir])).stdout.split('\n').filter((line) => line !== '');
  } catch (error) {
    // 1: no match; anything else is an error of grep.
    if ((error as { code?: number }).code === 1) return [];
    throw error;
  }
}

test('the address of a private mirror is used, and is in no image, log or artifact', async () => {
  const { archives } = await readAptMirrors();
  if (archives === null) throw new Error('this machine names no Debian archive to stand behind the private mirror');
  await using mirror = await startForwardMirror(archives);
  await using place = await workplace();
  const aptRoot = join(place.dir, 'host');
  await mkdir(join(aptRoot, 'etc/apt'), { recursive: true });
  await writeFile(join(aptRoot, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
  await writeFile(
    join(aptRoot, 'etc/apt/sources.list'),
    `deb http://${mirror.authority}/main bookworm main\ndeb http://${mirror.authority}/security bookworm-security main\n`,
  );
  // And a source that comes by apt.
  const file = join(place.recipe, 'recipe.yaml');
  const yaml = withNewEpoch(await readFile(file, 'utf8'))
    .replace(
      /^sources:\n/m,
      'sources:\n  ipvsadm: { kind: apt, package: ipvsadm, source: true, file: ipvsadm_*.orig.tar.gz }\n',
    )
    .replace(/( {2}hello-backend:\n(?:.*\n)*? {4}sources:\n)/, '$1      - { source: ipvsadm, as: ipvsadm.tar.gz }\n');
  await writeFile(file, yaml);

  const built = await place.run(['build', '--json', '--verbose'], { env: { FACTORY_APT_ROOT: aptRoot } });
  expectCode(built, 0);
  expect(mirror.count()).toBeGreaterThan(50);
  const how = built.events.flatMap((event) =>
    event.type === 'step-made' && event.record.facts.how !== undefined ? [event.record.facts.how] : [],
  );
  expect(how).toEqual(['bootstrapped with mmdebstrap', 'built', 'built']);

  expect(built.stdout + built.stderr).not.toContain(mirror.authority);
  expect(await filesWith(mirror.authority, place.artifacts)).toEqual([]);
  // The test can fail: the same search finds what is there.
  expect(await filesWith(mirror.authority, aptRoot)).toHaveLength(1);

  const docker = new Docker();
  const images = built.events.flatMap((event) =>
    event.type === 'step-made' ? event.record.outputs.flatMap(({ engineId }) => engineId ?? []) : [],
  );
  expect(images).toHaveLength(3);
  for (const id of images) {
    const image = docker.getImage(id);
    const words = JSON.stringify([await image.history(), await image.inspect()]);
    expect(words).not.toContain(mirror.authority);
    const { stdout } = await run('docker', [
      'run',
      '--rm',
      '--network',
      'none',
      '--user',
      '0',
      '--entrypoint',
      '/bin/sh',
      id,
      '-c',
      'cat /etc/apt/sources.list; grep -rlaF "$0" /etc /var /usr/share /root /home /tmp 2>/dev/null; true',
      mirror.authority,
    ]);
    expect(stdout).not.toMatch(/^deb /m);
    expect(stdout.split('\n').filter((line) => line.startsWith('/'))).toEqual([]);
  }
  await removeImages(images);
});
