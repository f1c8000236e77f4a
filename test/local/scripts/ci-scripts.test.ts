import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../helpers/temp-dir.ts';

const SCRIPTS = join(import.meta.dirname, '../../../scripts');

function run(script: string, args: readonly string[], path = '') {
  const { status, stdout, stderr } = spawnSync(join(SCRIPTS, script), args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path}:${process.env.PATH ?? ''}` },
  });
  return { status, stdout, stderr };
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A `docker` whose volumes are directories, and a `sudo` that needs no password. */
function fakeDocker(volumes: string): string {
  const bin = join(tempDir(), 'bin');
  put(
    join(bin, 'docker'),
    `#!/bin/sh
cd '${volumes}' || exit 1
case "$2" in
  ls) ls -d fullnat-factory-ccache-* 2>/dev/null; exit 0 ;;
  create) mkdir -p "$3" ;;
  inspect) echo '${volumes}'/"$5" ;;
esac
`,
  );
  put(join(bin, 'sudo'), '#!/bin/sh\nexec "$@"\n');
  for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
  return bin;
}

describe('ci-cache.sh', () => {
  it('carries the compiler cache from one engine to the next, and nothing of others', () => {
    const [here, there, artifacts] = [tempDir(), tempDir(), tempDir()];
    put(join(here, 'fullnat-factory-ccache-k/a/object'), 'compiled');
    put(join(here, 'somebody-else/secret'), 'x');
    expect(run('ci-cache.sh', ['save', artifacts, '10'], fakeDocker(here))).toMatchObject({
      status: 0,
      stdout: 'fits=true\n',
    });
    expect(readdirSync(join(artifacts, 'ccache'))).toEqual(['fullnat-factory-ccache-k.tar']);
    expect(run('ci-cache.sh', ['restore', artifacts], fakeDocker(there)).status).toBe(0);
    expect(readFileSync(join(there, 'fullnat-factory-ccache-k/a/object'), 'utf8')).toBe('compiled');
    expect(readdirSync(there)).toEqual(['fullnat-factory-ccache-k']);
  });

  it('says when it is too much, and what it was called with wrongly', () => {
    const [volumes, artifacts] = [tempDir(), tempDir()];
    put(join(artifacts, 'store/object'), 'x'.repeat(3 * 2 ** 20));
    const { status, stdout, stderr } = run('ci-cache.sh', ['save', artifacts, '2'], fakeDocker(volumes));
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'fits=false\n' });
    expect(stderr).toMatch(/\d MiB are more than the 2 MiB that may be kept/);
    expect(run('ci-cache.sh', ['save', artifacts, 'all'], fakeDocker(volumes)).status).toBe(2);
    expect(run('ci-cache.sh', ['keep', artifacts], fakeDocker(volumes)).status).toBe(2);
    // Nothing was kept yet: the first run of all.
    expect(run('ci-cache.sh', ['restore', tempDir()], fakeDocker(volumes)).status).toBe(0);
  });
});

describe('release-assets.sh', () => {
  function tree(demoKey: unknown): { dir: string; args: readonly string[] } {
    const dir = tempDir();
    const snapshot = join(dir, 'lts/snapshots/S');
    put(join(dir, 'lts/current'), 'S\n');
    for (const file of ['RPM-GPG-KEY-factory', 'pointer.asc']) put(join(dir, 'lts', file), file);
    for (const file of ['RPMS/a.rpm', 'SRPMS/a.src.rpm', 'SHA256SUMS', 'evidence/e.json', 'provenance.intoto.jsonl'])
      put(join(snapshot, file), file);
    put(join(snapshot, 'manifest.json'), JSON.stringify({ demoKey }));
    put(join(dir, 'repository-lts.tar'), 'tar');
    return { dir, args: [join(dir, 'lts'), join(dir, 'repository-lts.tar'), join(dir, 'out')] };
  }

  it('collects packages, sources, sums, evidence and provenance, with a sum of each file', () => {
    const { dir, args } = tree(false);
    expect(run('release-assets.sh', args)).toMatchObject({ status: 0, stderr: '' });
    const out = join(dir, 'out');
    const files = readdirSync(out).sort();
    expect(files).toEqual(
      [
        ...['RPM-GPG-KEY-factory', 'SHA256SUMS', 'a.rpm', 'a.src.rpm', 'evidence.tar.gz', 'manifest.json'],
        ...['pointer.asc', 'provenance.intoto.jsonl', 'repository-lts.tar', 'sha256sums.txt'],
      ].sort(),
    );
    const checked = spawnSync('sha256sum', ['--check', '--strict', 'sha256sums.txt'], { cwd: out, encoding: 'utf8' });
    expect(checked.status).toBe(0);
    expect(checked.stdout.trim().split('\n')).toHaveLength(files.length - 1);
    expect(run('release-assets.sh', args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is there already') as string,
    });
  });

  it.each([true, undefined])('refuses what a demo key signed, or where that is not said (%s)', (demoKey) => {
    const { dir, args } = tree(demoKey);
    const refused = run('release-assets.sh', args);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('FACTORY_SIGNING_KEY') as string });
    expect(existsSync(join(dir, 'out'))).toBe(false);
  });
});
