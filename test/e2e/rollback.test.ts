import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textTable } from '../../pipeline/report/text-table.ts';
import { checkRepository, type Checked } from '../helpers/check-repository.ts';
import { dnfHost, type DnfHost } from '../helpers/dnf-host.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { expectCode, workplace, type Finished, type Workplace } from '../helpers/run-factory.ts';
import { signingKey } from '../helpers/signing-key.ts';
import { startServe } from '../helpers/start-serve.ts';
import { tinyId, tinySnapshot, writeTiny } from '../helpers/tiny-snapshot.ts';

/** Two publications of the small recipe, and what hosts and people see when the pointer goes back; each test goes on from the one before. */
let place: Workplace;
let host: DnfHost;
/** What to close at the end, the last first. */
const open: AsyncDisposable[] = [];
let [first, second, url] = ['', '', ''];
const NO_ENGINE = { env: { DOCKER_HOST: 'tcp://127.0.0.1:1' } };
const DNF = 'dnf -q -y --repo fullnat-hello --setopt=skip_if_unavailable=0';

beforeAll(async () => {
  place = await workplace();
  open.push(place);
});
afterAll(async () => {
  for (const one of open.toReversed()) await one[Symbol.asyncDispose]();
});

const repository = (...path: string[]): string => join(place.artifacts, 'repository/hello', ...path);
const current = (): string => readFileSync(repository('current'), 'utf8').trim();
const json = (finished: Finished): unknown => JSON.parse(finished.stdout);

/** Available versions of the director's package. */
async function seen(): Promise<string[]> {
  const { code, output } = await host.run(`${DNF} --refresh repoquery --qf '%{release}\\n' hello`);
  if (code !== 0) throw new Error(output);
  return output.split('\n').filter((line) => line.includes('ipvs'));
}

test('without snapshots the commands say so', async () => {
  for (const args of [['snapshots'], ['rollback', 'x'], ['pin', 'x']]) {
    const run = await place.run(args, NO_ENGINE);
    expectCode(run, 2);
    expect(run.stderr).toContain('recipe hello has no snapshots');
  }
});

test('two publications; a host sees the second', async () => {
  const published = await place.run(['publish', '--json']);
  expectCode(published, 0);
  first = current();
  const image = published.events
    .flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []))
    .find(({ name, kind }) => kind === 'image' && name === 'debian-target');
  if (image?.engineId === undefined) throw new Error('no target image in the records');
  const server = await startServe(place);
  open.push(server);
  url = server.url;
  host = await dnfHost(image.engineId, `${url}/hello/fullnat-hello.repo`);
  open.push(host);
  expect(await seen()).toEqual([expect.stringContaining('ipvs_20bit')]);

  const file = join(place.recipe, 'recipe.yaml');
  const yaml = await readFile(file, 'utf8');
  const changed = yaml
    .replace('CONFIG_HELLO_BITS: 20', 'CONFIG_HELLO_BITS: 21')
    .replace('.ipvs_20bit', '.ipvs_21bit')
    .replace('director: 20 bits', 'director: 21 bits');
  await writeFile(file, changed);
  expectCode(await place.run(['publish']), 0);
  second = current();
  expect(second).not.toBe(first);
  expect(await seen()).toEqual([expect.stringContaining('ipvs_21bit')]);
  const installed = await host.run(`${DNF} install 'hello-*ipvs_21bit*' && hello`);
  expect(installed.output).toContain('hello, director: 21 bits');
});

test('snapshots are listed, without an engine', async () => {
  const listed = await place.run(['snapshots', '--json'], NO_ENGINE);
  expectCode(listed, 0);
  const about = { packages: 2, unlocked: [], demoKey: true, pinned: false };
  expect(json(listed)).toMatchObject({
    recipe: 'hello',
    current: second,
    pointer: { snapshot: second },
    pointerProblems: [],
    snapshots: [
      { id: first, current: false, ...about },
      { id: second, current: true, ...about },
    ],
  });
  const text = await place.run(['snapshots'], NO_ENGINE);
  expect(text.stdout).toMatch(new RegExp(`^${second} .* 2 .*B  current  +demo key$`, 'm'));
});

test('rollback: a host sees the earlier one and goes back to it', async () => {
  const serial = (): number => Number(/"serial": (\d+)/.exec(readFileSync(repository('pointer.asc'), 'utf8'))?.[1]);
  const before = serial();
  // The new pointer has to be signed before anything moves.
  expectCode(await place.run(['rollback', first], NO_ENGINE), 6);
  expect([current(), serial()]).toEqual([second, before]);
  const back = await place.run(['rollback', first, '--json']);
  expectCode(back, 0);
  expect(json(back)).toMatchObject({ from: second, to: first, moved: true, serial: serial() });
  expect(serial()).toBeGreaterThan(before);
  expect(current()).toBe(first);
  expect(await seen()).toEqual([expect.stringContaining('ipvs_20bit')]);
  const downgraded = await host.run(`${DNF} downgrade 'hello-*ipvs_20bit*' && hello`);
  expect(downgraded.output).toContain('hello, director: 20 bits');

  const again = await place.run(['rollback', first, '--json'], NO_ENGINE);
  expectCode(again, 0);
  expect(json(again)).toMatchObject({ from: first, to: first, moved: false, serial: serial() });
});

test('rollback refuses what is not there, what is damaged, and what somebody else signed', async () => {
  const unknown = await place.run(['rollback', `${second.slice(0, -1)}x`]);
  expectCode(unknown, 2);
  expect(unknown.stderr).toContain(`did you mean "${second}"`);
  const rpm = readdirSync(repository('snapshots', second, 'RPMS'))[0] ?? '';
  for (const path of [`RPMS/${rpm}`, 'SHA256SUMS.asc', 'RPM-GPG-KEY-factory']) {
    await damaged(repository('snapshots', second, path), flipByte, async () => {
      const run = await place.run(['rollback', second]);
      expectCode(run, 5);
      expect(run.stderr).toContain(`snapshot ${second} is not valid`);
    });
    expect(current()).toBe(first);
  }
  const foreign = tinySnapshot('1', signingKey());
  const id = tinyId(foreign, 0);
  writeTiny(new Map([...foreign, ['index.html', Buffer.from('page')]]), repository('snapshots', id));
  const run = await place.run(['rollback', id]);
  expectCode(run, 5);
  expect(run.stderr).toContain('neither a key that was published here nor one of this machine');
  await rm(repository('snapshots', id), { recursive: true });
});

test('publish moves forward again, and prune keeps what is current or pinned', async () => {
  expectCode(await place.run(['pin', first], NO_ENGINE), 0);
  expect((await place.run(['snapshots'], NO_ENGINE)).stdout).toMatch(new RegExp(`^${first} .* current, pinned`, 'm'));
  expectCode(await place.run(['publish']), 0);
  expect(current()).toBe(second);
  const kept = await place.run(['prune', '--keep', '1', '--json'], NO_ENGINE);
  expectCode(kept, 0);
  expect(json(kept)).toMatchObject({
    snapshots: {
      removed: [],
      kept: [
        { id: second, why: 'current' },
        { id: first, why: 'pinned' },
      ],
    },
  });
  expectCode(await place.run(['unpin', first]), 0);
  expectCode(await place.run(['prune']), 0);
  expect(readdirSync(repository('snapshots')).sort()).toEqual([first, second]);
});

test('one byte flipped in each kind of published file: a host refuses it, and so does factory verify', async () => {
  const dir = repository('snapshots', second);
  const paths = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    // What is added after the sums were signed is for people to read.
    .filter((path) => !path.startsWith('evidence/') && path !== 'index.html')
    .sort();
  const rows: string[][] = [];
  // What the host got once; not what the mirror shows now.
  await copyFile(repository('RPM-GPG-KEY-factory'), join(place.dir, 'known.asc'));
  const tell = async (what: string, client: number | null): Promise<void> => {
    const { code, output } = await checked();
    const verify = await place.run(['verify'], NO_ENGINE);
    const dnf = client === null ? 'reads it not' : client === 0 ? 'TAKES IT' : 'refuses';
    const script = code === 0 ? 'TAKES IT' : 'refuses';
    const says = output
      .trim()
      .replace(/^check-repository: /, '')
      .replaceAll(`${repository()}/`, '');
    rows.push([what, dnf, script, verify.code === 5 ? 'refuses' : `exit ${String(verify.code)}`, says]);
  };
  expect((await checked()).output).toContain(second);
  for (const path of paths)
    await damaged(repository('snapshots', second, path), flipByte, async () =>
      tell(path, /^RPMS|repomd|(primary|filelists)\.xml/.test(path) ? await client21() : null),
    );
  await damaged(repository('pointer.asc'), flipByte, () => tell('pointer.asc', null));
  for (const name of ['current', 'mirrorlist'])
    await damaged(repository(name), nameAnother, async () => {
      const line = (await readFile(repository('mirrorlist'), 'utf8')).replace(/^.*\/hello\//, `${url}/hello/`);
      const own = `--setopt=fullnat-hello.mirrorlist=file:///tmp/mirrorlist`;
      if (name === 'mirrorlist') await host.run(`echo '${line.trim()}' >/tmp/mirrorlist`);
      await tell(`${name}: names a snapshot that is not there`, await client21(name === 'mirrorlist' ? own : ''));
    });
  process.stdout.write(
    `${textTable(['one byte of', 'dnf', 'check-repository.sh', 'factory verify', 'says'], rows, { width: 160 }).join('\n')}\n`,
  );
  // Every one by a client, before anything is installed; dnf reads a part of them only.
  const overlooked = rows.filter((row) => !row.slice(1, 3).includes('refuses') || row[3] !== 'refuses');
  expect(overlooked).toEqual([]);
  expect(rows.length).toBeGreaterThan(10);
  // Whole again: the damage was what was refused.
  expectCode(await place.run(['verify'], NO_ENGINE), 0);
  expect(await client21()).toBe(0);
});

test('prune removes what is neither current nor pinned', async () => {
  const pruned = await place.run(['prune', '--keep', '1'], NO_ENGINE);
  expectCode(pruned, 0);
  expect(pruned.stdout).toContain(`kept ${second} (current)\nremoved ${first}\n`);
  expect(readdirSync(repository('snapshots'))).toEqual([second]);
  expectCode(await place.run(['verify']), 0);
});

/** The whole of it as a host checks it: in the directory, because factory serve makes the mirror list itself. */
const checked = (): Promise<Checked> =>
  checkRepository(place.dir, [
    ...['--key', join(place.dir, 'known.asc'), '--state', join(place.dir, 'seen')],
    ...['--complete', repository()],
  ]);

/** Exit code of a host without any cache that gets the index and the packages. */
async function client21(options = ''): Promise<number> {
  const fetch = `${DNF} ${options} --downloadonly --downloaddir /tmp/got install`;
  const { code } = await host.run(
    `rm -rf /var/cache/dnf /tmp/got; rpm -e hello 2>/dev/null; ${fetch} 'hello-*ipvs_21bit*' && ${fetch} 'hello-*.toa*'`,
  );
  return code;
}

/** The last digit of the id is another one. */
async function nameAnother(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  await writeFile(
    path,
    text.replace(/.(?=\/?\n$)/, (digit) => (digit === '0' ? '1' : '0')),
  );
}

/** Spoils a copy, because packages are hard links of objects in the store; puts the file back afterwards. */
async function damaged(path: string, spoil: (path: string) => Promise<void>, work: () => Promise<void>): Promise<void> {
  const aside = join(place.dir, 'aside');
  await rename(path, aside);
  await copyFile(aside, path);
  await spoil(path);
  try {
    await work();
  } finally {
    await rename(aside, path);
  }
}
