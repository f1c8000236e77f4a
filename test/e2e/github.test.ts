import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectCode, type Finished, workplace, type Workplace } from '../helpers/run-factory.ts';

/** What a job of GitHub Actions gets to see and keeps, from the process itself: standard output and the runner's files. */
let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

interface Job extends Finished {
  readonly outputs: string;
  readonly summary: string;
}

async function job(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Job> {
  const files = { GITHUB_OUTPUT: join(place.dir, 'output'), GITHUB_STEP_SUMMARY: join(place.dir, 'summary.md') };
  for (const file of Object.values(files)) await writeFile(file, '');
  const env = { ...files, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: place.recipe, ...more };
  const finished = await place.run(args, { env });
  const [outputs, summary] = [
    await readFile(files.GITHUB_OUTPUT, 'utf8'),
    await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
  ];
  return { ...finished, outputs, summary };
}

/** Groups open and close in turn; words are masked before anything is printed, and never printed afterwards. */
function expectOrderly({ stdout, stderr }: Job): void {
  const lines = stdout.split('\n');
  const groups = lines.filter((line) => /^::(?:group|endgroup)::/.test(line)).map((line) => line.split('::')[1]);
  expect(groups.length).toBeGreaterThan(0);
  expect(groups).toEqual(groups.map((_, index) => (index % 2 === 0 ? 'group' : 'endgroup')));
  const isMask = (line: string): boolean => line.startsWith('::add-mask::');
  const masks = lines.filter(isMask);
  expect(lines.slice(0, masks.length)).toEqual(masks);
  const rest = `${lines.filter((line) => !isMask(line)).join('\n')}${stderr}`;
  for (const mask of masks) expect(rest).not.toContain(mask.slice('::add-mask::'.length));
}

interface Annotation {
  readonly file: string | undefined;
  readonly line: number;
  readonly text: string;
}

/** Error annotations; every file that one names is there, and has that line. */
async function errorsOf({ stdout }: Job): Promise<Annotation[]> {
  const found = [...stdout.matchAll(/^::error (.*?)::(.*)$/gm)].map(([, properties = '', text = '']) => {
    const of = new Map(properties.split(',').map((one) => one.split('=', 2) as [string, string]));
    return { file: of.get('file'), line: Number(of.get('line')), text };
  });
  for (const { file, line } of found) {
    if (file === undefined) continue;
    const path = join(place.recipe, file);
    expect(existsSync(path)).toBe(true);
    expect((await readFile(path, 'utf8')).split('\n').length).toBeGreaterThanOrEqual(line);
  }
  return found;
}

async function changed(file: string, from: string, to: string, work: () => Promise<void>): Promise<void> {
  const path = join(place.recipe, file);
  const before = await readFile(path, 'utf8');
  expect(before).toContain(from);
  await writeFile(path, before.replace(from, to));
  try {
    await work();
  } finally {
    await writeFile(path, before);
  }
}

test('a publication: groups, outputs, summary', async () => {
  const done = await job(['publish']);
  expectCode(done, 0);
  expectOrderly(done);
  const snapshot = (await readFile(join(place.artifacts, 'repository/hello/current'), 'utf8')).trim();
  const outputs = new Map(
    [...done.outputs.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name = '', , value = '']) => [name, value]),
  );
  expect([...outputs.keys()]).toEqual(['snapshot', 'repository']);
  expect(outputs.get('snapshot')).toBe(snapshot);
  expect(existsSync(join(outputs.get('repository') ?? '', 'snapshots', snapshot, 'RPMS'))).toBe(true);
  expect(done.summary).toMatch(/^## ✅ hello: built\n/);
  for (const part of ['### Packages', '### Steps', '### Evidence', '### Timeline', `snapshot \`${snapshot}\``])
    expect(done.summary).toContain(part);
});

test('the name of a private mirror is masked before anything is printed', async () => {
  const etc = join(place.dir, 'host/etc');
  await mkdir(join(etc, 'apt'), { recursive: true });
  await writeFile(join(etc, 'os-release'), 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
  const sources = ['main bookworm', 'security bookworm-security'].map(
    (one) => `deb http://mirror.corp.invalid/${one} main\n`,
  );
  await writeFile(join(etc, 'apt/sources.list'), sources.join(''));
  const FACTORY_APT_ROOT = join(place.dir, 'host');
  // One package is built again, so that there is a group; nothing is fetched.
  await changed('recipe.yaml', 'CONFIG_HELLO_BITS: 20', 'CONFIG_HELLO_BITS: 19', async () => {
    const built = await job(['build', '--only', 'hello-director'], { FACTORY_APT_ROOT });
    expectCode(built, 0);
    expect(built.stdout.split('\n')[0]).toBe('::add-mask::mirror.corp.invalid');
    expectOrderly(built);
  });
});

test('a site of plain files: the published bytes, addresses of its own, and never a half one', async () => {
  const site = join(place.dir, 'site');
  const url = 'https://owner.example/repository';
  expectCode(await place.run(['site', site, '--base-url', `${url}/`]), 0);
  const root = join(place.artifacts, 'repository/hello');
  const id = (await readFile(join(root, 'current'), 'utf8')).trim();
  expect(await readFile(join(site, 'hello/mirrorlist'), 'utf8')).toBe(`${url}/hello/snapshots/${id}/\n`);
  const repoFile = await readFile(join(site, 'hello/fullnat-hello.repo'), 'utf8');
  expect(repoFile).toContain(`mirrorlist=${url}/hello/mirrorlist\n`);
  expect(repoFile).toMatch(/^gpgcheck=1\nrepo_gpgcheck=1$/m);
  expect(await readFile(join(site, 'hello/snapshots', id, 'index.html'), 'utf8')).not.toContain('127.0.0.1');
  for (const file of [
    'pointer.asc',
    'RPM-GPG-KEY-factory',
    `snapshots/${id}/SHA256SUMS`,
    `snapshots/${id}/repodata/repomd.xml.asc`,
  ])
    expect(await readFile(join(site, 'hello', file))).toEqual(await readFile(join(root, file)));
  const sums = ['--check', '--strict', '--quiet', 'SHA256SUMS'];
  expect(spawnSync('sha256sum', sums, { cwd: join(site, 'hello/snapshots', id) }).status).toBe(0);

  const again = await place.run(['site', site, '--base-url', url]);
  expectCode(again, 2);
  expect(again.stderr).toContain('is there already');
  expectCode(await place.run(['site', join(place.dir, 'none'), '--base-url', 'ftp://x']), 2);
  const rpm = join(root, 'snapshots', id, 'RPMS', (await readdir(join(root, 'snapshots', id, 'RPMS')))[0] ?? '');
  const bytes = await readFile(rpm);
  await chmod(rpm, 0o644);
  await writeFile(rpm, Buffer.concat([bytes, Buffer.from('x')]));
  try {
    expectCode(await place.run(['site', join(place.dir, 'none'), '--base-url', url]), 5);
    expect(existsSync(join(place.dir, 'none'))).toBe(false);
  } finally {
    await writeFile(rpm, bytes);
  }
});

test("patches of another folder: in place of the recipe's own, and the folder must be there", async () => {
  const own = await place.run(['cache-key', '--json']);
  const patches = join(place.dir, 'patches');
  await cp(join(place.recipe, 'patches'), patches, { recursive: true });
  expect((await place.run(['cache-key', '--json', '--patches', patches])).stdout).toBe(own.stdout);
  const patch = join(patches, 'hello-director/0001-a-comma.patch');
  await writeFile(patch, (await readFile(patch, 'utf8')).replace('+\tprintf("hello,', '+\tprintf("hello;'));
  const other = await place.run(['cache-key', '--json', '--patches', patches]);
  expectCode(other, 0);
  expect(other.stdout).not.toBe(own.stdout);
  const missing = await place.run(['plan', '--patches', join(place.dir, 'nowhere')]);
  expectCode(missing, 2);
  expect(missing.stderr).toContain('is no folder');
});

test('a rejected patch: the hunk in the patch file; groups are balanced and the summary says it', async () => {
  const patch = 'patches/hello-director/0001-a-comma.patch';
  const text = await readFile(join(place.recipe, patch), 'utf8');
  const removed = text.split('\n').find((line) => /^-[^-]/.test(line)) ?? '';
  await changed(patch, removed, `${removed} not there`, async () => {
    const failed = await job(['build', '--only', 'hello-director']);
    expectCode(failed, 4);
    expectOrderly(failed);
    const line = text.split('\n').findIndex((one) => one.startsWith('@@')) + 1;
    expect(await errorsOf(failed)).toEqual([
      { file: patch, line, text: expect.stringContaining(`patch ${basename(patch)} does not apply`) as string },
    ]);
    expect(failed.summary).toMatch(/^## ❌ hello: not built\n/);
    expect(failed.outputs).toBe('');
  });
});

test('a compiler error: file and line of our source', async () => {
  await changed('hello.c', 'return', 'retrun', async () => {
    const failed = await job(['build', '--only', 'hello-backend']);
    expectCode(failed, 4);
    expectOrderly(failed);
    const source = await readFile(join(place.recipe, 'hello.c'), 'utf8');
    const line = source.split('\n').findIndex((one) => one.includes('retrun')) + 1;
    const errors = await errorsOf(failed);
    expect(errors[0]).toMatchObject({ file: undefined });
    expect(errors.slice(1)).toContainEqual({
      file: 'hello.c',
      line,
      text: expect.stringContaining('retrun') as string,
    });
  });
});

test('a mistake in the recipe: every problem at its line, without any group', async () => {
  await changed('recipe.yaml', 'epoch: 1767225600', 'epoch: soon\nunknown: 1', async () => {
    const failed = await job(['build']);
    expectCode(failed, 2);
    const yaml = (await readFile(join(place.recipe, 'recipe.yaml'), 'utf8')).split('\n');
    const errors = await errorsOf(failed);
    expect(errors.map(({ file, line }) => ({ file, text: yaml[line - 1] }))).toEqual([
      { file: 'recipe.yaml', text: 'epoch: soon' },
      { file: 'recipe.yaml', text: 'unknown: 1' },
    ]);
  });
});
