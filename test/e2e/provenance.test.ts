import { execFile, spawn } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Bom } from '../../pipeline/provenance/cyclonedx-types.ts';
import type { Envelope } from '../../pipeline/provenance/dsse.ts';
import type { SlsaProvenance, Statement } from '../../pipeline/provenance/in-toto.ts';
import type { StepRecord } from '../../pipeline/run/record.ts';
import { hashFile } from '../../pipeline/store/hash-file.ts';
import { verifySnapshot } from '../../pipeline/tools/verify-snapshot.ts';
import { cycloneDxProblems } from '../helpers/cyclonedx-schema.ts';
import { flipByte } from '../helpers/flip-byte.ts';
import { provenanceSchema } from '../helpers/provenance-schema.ts';
import { expectCode, workplace, type Workplace } from '../helpers/run-factory.ts';

/** What a snapshot says of itself, read by programs that are not ours. */
let place: Workplace;
let records: StepRecord[];
let dir: string;
let builder: string;

beforeAll(async () => {
  place = await workplace();
  const published = await place.run(['publish', '--json']);
  expectCode(published, 0);
  records = published.events.flatMap((event) => (event.type === 'step-made' ? [event.record] : []));
  const root = join(place.artifacts, 'repository/hello');
  dir = join(root, 'snapshots', (await readFile(join(root, 'current'), 'utf8')).trim());
  builder = outputs('image').find(({ name }) => name === 'debian-builder')?.engineId ?? '';
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

function outputs(kind: string): StepRecord['outputs'] {
  return records.flatMap((record) => record.outputs).filter((output) => output.kind === kind);
}

async function statement(): Promise<Statement<SlsaProvenance>> {
  return JSON.parse(await readFile(join(dir, 'provenance.json'), 'utf8')) as Statement<SlsaProvenance>;
}

/** A shell script in the builder, without network, with files given on its standard input as base64, one per line. */
function inBuilder(script: string, files: readonly Buffer[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('docker', ['run', '--rm', '-i', '--network', 'none', builder, '/bin/bash', '-euc', script]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(files.map((file) => `${file.toString('base64')}\n`).join(''));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

const KEYRING = 'cd /tmp; read -r l; base64 -d <<<"$l" | gpg --batch --quiet --dearmor >key.gpg';

test('the statement is as in-toto and SLSA define it, and its subjects are the files', async () => {
  const made = await statement();
  expect(provenanceSchema.safeParse(made).error?.issues ?? []).toEqual([]);
  const files = (
    await Promise.all(
      ['RPMS', 'SRPMS'].map(async (sub) => (await readdir(join(dir, sub))).map((name) => `${sub}/${name}`)),
    )
  ).flat();
  expect(made.subject.map(({ name }) => name)).toEqual(files.sort());
  for (const { name, digest } of made.subject) expect((await hashFile(join(dir, name))).digest).toBe(digest.sha256);
});

test('by-products are the packages as they were built, dependencies what they were built in', async () => {
  const { buildDefinition, runDetails } = (await statement()).predicate;
  const built = [...outputs('rpm'), ...outputs('srpm')].map(({ digest }) => digest).sort();
  const unsigned = runDetails.byproducts.filter(({ annotations }) => annotations?.kind === 'unsigned');
  expect(unsigned.map(({ digest }) => digest?.sha256).sort()).toEqual(built);
  const image = buildDefinition.resolvedDependencies.find(({ name }) => name === 'debian-builder');
  expect(image?.annotations?.packagesSha256).toBe(
    outputs('packages').find(({ name }) => name.includes('builder'))?.digest,
  );
  expect(runDetails.metadata.invocationId).toBe(`sha256:${records.find(({ step }) => step === 'snapshot')?.key}`);
});

test('gpg says that the repository key signed the envelope, over what DSSE says', async () => {
  const line = await readFile(join(dir, 'provenance.intoto.jsonl'), 'utf8');
  const { payload, payloadType, signatures } = JSON.parse(line) as Envelope;
  expect(payloadType).toBe('application/vnd.in-toto+json');
  expect(Buffer.from(payload, 'base64')).toEqual(await readFile(join(dir, 'provenance.json')));
  const [signature] = signatures;
  const check = [
    KEYRING,
    'read -r l; base64 -d <<<"$l" >body',
    'read -r l; base64 -d <<<"$l" >sig',
    `printf 'DSSEv1 %s %s %s ' ${payloadType.length} ${payloadType} "$(stat -c %s body)" | cat - body >pae`,
    'gpgv --keyring /tmp/key.gpg --status-fd 1 sig pae',
  ].join('\n');
  const key = await readFile(join(dir, 'RPM-GPG-KEY-factory'));
  const files = (body: Buffer) => [key, body, Buffer.from(signature?.sig ?? '', 'base64')];
  const good = await inBuilder(check, files(Buffer.from(payload, 'base64')));
  expect(good.output).toContain(`VALIDSIG ${signature?.keyid}`);
  expect(good.code).toBe(0);
  const forged = await inBuilder(check, files(Buffer.from('{}')));
  expect(forged.output).toContain('BADSIG');
  expect(forged.code).toBe(1);
});

test('the bill of materials is valid, signed, and names every package with its licence', async () => {
  const bytes = await readFile(join(dir, 'sbom.cdx.json'));
  const bom = JSON.parse(bytes.toString()) as Bom;
  expect(cycloneDxProblems(bom)).toEqual([]);
  const { subject } = await statement();
  for (const { name, digest } of subject) {
    const component = bom.components.find(({ externalReferences }) => externalReferences?.[0]?.url === name);
    expect(component?.hashes).toEqual([{ alg: 'SHA-256', content: digest.sha256 }]);
    expect(component?.licenses).toEqual([{ license: { id: 'Apache-2.0' } }]);
  }
  const signed = await inBuilder(
    `${KEYRING}\nread -r l; base64 -d <<<"$l" >sig\nread -r l; base64 -d <<<"$l" >file\ngpgv --keyring /tmp/key.gpg sig file`,
    [await readFile(join(dir, 'RPM-GPG-KEY-factory')), await readFile(join(dir, 'sbom.cdx.json.asc')), bytes],
  );
  expect(signed.output).toContain('Good signature');
  expect(signed.code).toBe(0);
});

test('one flipped byte in any of them is found', async () => {
  expect(await verifySnapshot(dir)).toEqual([]);
  for (const name of ['provenance.json', 'provenance.intoto.jsonl', 'sbom.cdx.json']) {
    const copy = join(place.dir, `copy-${name}`);
    await cp(dir, copy, { recursive: true });
    await flipByte(join(copy, name));
    expect(await verifySnapshot(copy)).toEqual(expect.arrayContaining([expect.stringContaining(name)]));
  }
  const without = join(place.dir, 'copy-without');
  await cp(dir, without, { recursive: true });
  await promisify(execFile)('rm', ['-f', join(without, 'provenance.intoto.jsonl')]);
  expect(await verifySnapshot(without)).toEqual(['provenance.intoto.jsonl: missing']);
});

test('a snapshot that is made again from the same records has the same documents', async () => {
  const before = await Promise.all(
    ['provenance.json', 'sbom.cdx.json', 'SHA256SUMS'].map((name) => readFile(join(dir, name), 'utf8')),
  );
  const recipe = join(place.recipe, 'recipe.yaml');
  const yaml = await readFile(recipe, 'utf8');
  // Another mirror list and base URL: nothing that the packages are made of.
  await writeFile(recipe, yaml.replace('http://127.0.0.1:8080/hello', 'http://127.0.0.1:8081/hello'));
  const root = join(place.artifacts, 'repository/hello');
  await promisify(execFile)('rm', ['-rf', root]);
  expectCode(await place.run(['publish', '--json']), 0);
  const again = join(root, 'snapshots', (await readFile(join(root, 'current'), 'utf8')).trim());
  const after = await Promise.all(
    ['provenance.json', 'sbom.cdx.json', 'SHA256SUMS'].map((name) => readFile(join(again, name), 'utf8')),
  );
  expect(after).toEqual(before);
});
