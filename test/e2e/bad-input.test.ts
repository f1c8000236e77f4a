import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine-objects.ts';
import { serve, status, startFaultyServer, type FaultyServer } from '../helpers/faulty-server.ts';
import { type Finished, workplace, type Workplace } from '../helpers/run-factory.ts';

/** One clear error, an exit code by kind, nothing half-written: through the command line, as a person meets it. */
let place: Workplace;
let server: FaultyServer;
let originals: Map<string, string>;

beforeAll(async () => {
  place = await workplace();
  server = await startFaultyServer();
  originals = new Map();
  for (const name of ['recipe.yaml', 'hello.spec', 'patches/hello-director/0001-a-comma.patch'])
    originals.set(name, await readFile(join(place.recipe, name), 'utf8'));
});
beforeEach(async () => {
  for (const [name, text] of originals) await writeFile(join(place.recipe, name), text);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** Changes a file of the recipe; fails when there was nothing to change. */
async function change(name: string, from: string | RegExp, to: string): Promise<void> {
  const before = originals.get(name) ?? '';
  const after = before.replace(from, () => to);
  expect(after).not.toBe(before);
  await writeFile(join(place.recipe, name), after);
}

/** The failing run: its code, and its words on standard error. */
async function failing(args: readonly string[], code: number): Promise<Finished> {
  const run = await place.run(args);
  expect(run.code, run.stderr + run.stdout).toBe(code);
  expect(run.stderr).toMatch(/^ *(error|factory:) /m);
  expect(run.stderr).not.toMatch(/ at .*\.(ts|mjs):\d+/);
  return run;
}

/** The hello source from the web instead of the recipe's folder. */
async function fromWeb(urls: readonly string[], sha256: string, file = 'hello.c'): Promise<void> {
  const lines = ['    kind: http', `    urls: [${urls.join(', ')}]`, `    file: ${file}`, `    sha256: ${sha256}`];
  await change('recipe.yaml', / {4}kind: file\n {4}path: hello\.c/, lines.join('\n'));
}
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Everything below the store that is not a finished object. */
async function leftovers(): Promise<string[]> {
  const dir = join(place.artifacts, 'store/v1/tmp');
  return existsSync(dir) ? readdir(dir) : [];
}

describe('recipe', () => {
  test('an unknown key: file:line:column and what is allowed', async () => {
    await change('recipe.yaml', '    produces: [hello]', '    prodces: [hello]');
    const { stderr } = await failing(['plan'], 2);
    expect(stderr).toMatch(/recipe\.yaml:\d+:5: .*prodces.*did you mean "produces"/s);
    expect(stderr).toContain('allowed');
  });
  test('a wrong type: what is wanted instead', async () => {
    await change('recipe.yaml', 'treeMiB: 64', 'treeMiB: lots');
    expect((await failing(['plan'], 2)).stderr).toMatch(/recipe\.yaml:\d+:\d+: .*treeMiB.*number/s);
  });
  test('an unknown target names the ones there are', async () => {
    expect((await failing(['build', '--only', 'kernls'], 2)).stderr).toContain('kernels');
  });
});

describe('sources', () => {
  test('unreachable mirrors: each URL with its reason, then what to do', async () => {
    const closed = 'http://127.0.0.1:1/hello.c';
    await fromWeb([closed, server.on('/gone', status(410))], digestOf(Buffer.from('x')));
    const { stderr } = await failing(['fetch'], 3);
    expect(stderr).toContain(closed);
    expect(stderr).toContain('refused');
    expect(stderr).toMatch(/\/gone\n +HTTP 410/);
    expect(stderr).toContain('--mirror');
    expect(await leftovers()).toEqual([]);
  });
  test('a wrong digest: want, got, mirror; the bytes are not kept', async () => {
    const [good, bad] = [Buffer.from('good'), Buffer.from('evil')];
    const url = server.on('/evil', serve(bad));
    await fromWeb([url], digestOf(good));
    const { stderr } = await failing(['fetch'], 3);
    for (const part of [digestOf(good), digestOf(bad), '/evil']) expect(stderr).toContain(part);
    const kept = await readdir(place.artifacts, { recursive: true });
    expect(kept.filter((path) => path.includes(digestOf(bad).slice(4)) || /\.part/.test(path))).toEqual([]);
  });
  test('an HTML page in place of an archive', async () => {
    const url = server.on(
      '/x.tar.gz',
      serve(Buffer.from('<!DOCTYPE html><p>Not found'), { 'content-type': 'text/html' }),
    );
    await fromWeb([url], digestOf(Buffer.from('x')), 'x.tar.gz');
    expect((await failing(['fetch'], 3)).stderr).toContain('HTML');
  });
  test('offline without the source: says what is missing', async () => {
    await fromWeb(['http://127.0.0.1:1/other.c'], digestOf(Buffer.from('other')), 'other.c');
    expect((await failing(['fetch', '--offline'], 3)).stderr).toContain('other.c');
  });
  test('frozen without a lock', async () => {
    await change(
      'recipe.yaml',
      / {4}kind: file\n {4}path: hello\.c/,
      '    kind: http\n    urls: [http://127.0.0.1:1/hello.c]\n    file: hello.c',
    );
    expect((await failing(['plan', '--frozen'], 3)).stderr).toContain('factory lock');
  });
});

describe('build', () => {
  test('an edit that matches zero times shows the nearest line', async () => {
    await change('recipe.yaml', "line: '%define greeting nobody'", "line: '%define greeting noboby'");
    const { stderr } = await failing(['build', '--only', 'hello-director'], 4);
    expect(stderr).toContain('hello.spec');
    expect(stderr).toContain('%define greeting nobody');
  });
  test('an edit that matches twice names both lines', async () => {
    await change('hello.spec', '%define greeting nobody', '%define greeting nobody\n%define greeting nobody');
    expect((await failing(['build', '--only', 'hello-director'], 4)).stderr).toMatch(/2.*3/s);
  });
  test('a patch that rejects: patch, file, hunk and the reject', async () => {
    const name = 'patches/hello-director/0001-a-comma.patch';
    await change(name, '-\tprintf("hello %s', '-\tprintf("goodbye %s');
    const { stderr } = await failing(['build', '--only', 'hello-director'], 4);
    for (const part of ['0001-a-comma.patch', 'hello.c', '#1', 'goodbye']) expect(stderr).toContain(part);
  });
  test('a config value that did not survive: symbol, want, got', async () => {
    await change('hello.spec', 'cp config-generic .config', "sed 's/=20$/=12/' config-generic >.config");
    expect((await failing(['build', '--only', 'hello-director'], 4)).stderr).toMatch(/CONFIG_HELLO_BITS.*20.*12/s);
  });
  test('packages other than the recipe promises', async () => {
    await change('recipe.yaml', 'produces: [hello]', 'produces: [hello, hello-devel]');
    expect((await failing(['build', '--only', 'hello-director'], 4)).stderr).toContain('hello-devel');
  });
  test('a check that fails after the installation stops before the pointer', async () => {
    await change('recipe.yaml', "expected: 'hello, director: 20 bits", "expected: 'hello, director: 21 bits");
    const { stderr } = await failing(['publish'], 5);
    expect(stderr).toContain('21 bits');
    expect(existsSync(join(place.artifacts, 'repository/hello/current'))).toBe(false);
    expect(await containersOf(place.artifacts)).toEqual([]);
  });
});

describe('environment', () => {
  test('no engine: which socket, and what to do', async () => {
    const fresh = join(place.dir, 'no-engine');
    const { stderr } = await failing(['build', '--engine', 'unix:///nonexistent/docker.sock', '--artifacts', fresh], 6);
    expect(stderr).toContain('/nonexistent/docker.sock');
    expect(stderr).toContain('setup.sh');
  });
  test('two runs at once: the second says who holds the lock', async () => {
    await change('hello.spec', '%build\n', '%build\necho waiting for a signal\nsleep 300\n');
    let second: Promise<Finished> | undefined;
    const first = await place.run(['build', '--json', '--only', 'hello-backend'], {
      onEvent: (event, child) => {
        if (event.type !== 'log' || second !== undefined || event.line !== 'waiting for a signal') return;
        second = failing(['build'], 2).finally(() => child.kill('SIGINT'));
      },
    });
    expect(first.code).toBe(130);
    expect((await second)?.stderr).toMatch(/pid \d+/);
  });
});
