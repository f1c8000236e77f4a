import { expect, test } from 'vitest';
import { documentBytes } from '../../../pipeline/provenance/document.ts';
import type { SlsaProvenance, Statement } from '../../../pipeline/provenance/in-toto.ts';
import { provenanceOf } from '../../../pipeline/provenance/slsa.ts';
import { toldDocuments } from '../../../pipeline/provenance/told-documents.ts';
import { toldPlan } from '../../../pipeline/provenance/told-plan.ts';
import { toldSteps } from '../../../pipeline/provenance/told-steps.ts';
import { producersOf } from '../../../pipeline/run/select.ts';
import { prepare } from '../../../pipeline/run/prepare.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import { accountOf, sha256 } from './rig.ts';

async function published(
  name: 'hello' | 'lts' | 'el6',
  options: Parameters<typeof accountOf>[1] = {},
): Promise<Statement<SlsaProvenance>> {
  const { account } = await accountOf(name, options);
  return JSON.parse(documentBytes(provenanceOf(account)).toString()) as Statement<SlsaProvenance>;
}

const nothingHere = { step: () => undefined, mirrors: [] };

test.each([
  ['hello', 'hello-backend', {}],
  ['lts', 'lvs-tools', {}],
  ['el6', 'kernel-director', {}],
  ['el6', 'kernel-backend', { kernelSource: 'patched-tree' }],
  ['el6', 'lvs-tools', { baseImages: { centos: 'private/centos:6' } }],
] as const)('%s, %s: what was published is a plan again, with the same keys', async (recipe, name, options) => {
  const statement = await published(recipe, options);
  const told = toldSteps(statement);
  const target = `rebuild-srpm:${name}`;
  const { plan, records, keys, incomplete } = toldPlan(recipe, told, target, {
    ...nothingHere,
    ...toldDocuments(statement),
  });
  expect(incomplete).toEqual([]);
  expect(plan.steps.at(-1)?.id).toBe(target);
  // As the executor will do it: inputs by their handles, keys from what is there.
  const steps = new Map(plan.steps.map((step) => [step.id, step]));
  const done = new Map<string, StepRecord>();
  for (const step of plan.steps) {
    expect([...done.keys()]).toEqual(expect.arrayContaining([...producersOf(step)]));
    const { key } = prepare(step, 1, steps, done);
    const record = records.get(key);
    expect(record?.step).toBe(step.id);
    done.set(step.id, record!);
    expect(keys.get(key)).toBe(told.find(({ id }) => id === step.id)?.key);
    if (step.stage.endsWith('-srpm')) expect(keys.get(key)).toBe(key);
  }
});

test('what anything fetched today must be: the digests of then', async () => {
  const statement = await published('el6');
  const { plan } = toldPlan('el6', toldSteps(statement), 'rebuild-srpm:kernel-director', {
    ...toldDocuments(statement),
    step: () => undefined,
    mirrors: ['/usb'],
  });
  const fetches = plan.steps.filter(({ stage }) => stage === 'fetch-http');
  expect(fetches).toHaveLength(2);
  for (const step of fetches) {
    expect(step.params).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    if (step.stage !== 'fetch-http') continue;
    expect(step.hints.urls[0]).toBe(`/usb/${step.params.file}`);
    expect(step.hints.urls[1]).toMatch(/^(http|ftp):\/\//);
  }
});

test('images must be those of then, as if a lock said so', async () => {
  const statement = await published('lts');
  const { plan } = toldPlan('lts', toldSteps(statement), 'rebuild-srpm:lvs-tools', {
    ...nothingHere,
    ...toldDocuments(statement),
  });
  const builder = plan.steps.find(({ stage }) => stage === 'builder-image');
  expect(builder).toMatchObject({
    params: { locked: sha256('packages of debian-builder') },
    hints: { packages: ['packages of debian-builder'] },
  });
  const base = plan.steps.find(({ stage }) => stage === 'base-image');
  expect(base).toMatchObject({ params: { locked: expect.stringMatching(/^registry:sha256:[0-9a-f]{64}$/) as string } });
  const apt = plan.steps.find(({ stage }) => stage === 'fetch-apt');
  expect(apt).toMatchObject({ hints: { locked: { upstreamVersion: '2.3' } } });
});

test('every file that the steps name is in the provenance', async () => {
  const statement = await published('hello');
  const { contents } = toldDocuments(statement);
  const { files } = toldPlan('hello', toldSteps(statement), 'rebuild-srpm:hello-director', {
    ...nothingHere,
    ...toldDocuments(statement),
  });
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['hello.spec', 'dockerfiles/steps/rebuild-srpm.sh', 'hello-director/0001-a-comma.patch']),
  );
  for (const { root, path, sha256: digest } of files) expect(contents.get(digest)?.toString()).toBe(`${root}/${path}`);
});

test('an image that somebody brought along is looked up by its id, not by its name', async () => {
  const statement = await published('el6', { builderImage: 'registry.private.example/builder:1' });
  const { plan } = toldPlan('el6', toldSteps(statement), 'rebuild-srpm:lvs-tools', {
    ...nothingHere,
    ...toldDocuments(statement),
  });
  const image = plan.steps.find(({ stage }) => stage === 'given-image');
  expect(image?.params).toEqual({ name: 'centos6-builder', reference: 'sha256:0123', locked: null });
});

test('a changed word is found by the key', async () => {
  const statement = await published('hello');
  const changed = JSON.parse(
    JSON.stringify(statement).replaceAll('%define greeting director', '%define greeting you'),
  ) as typeof statement;
  const { incomplete } = toldPlan('hello', toldSteps(changed), 'rebuild-srpm:hello-director', {
    ...nothingHere,
    ...toldDocuments(statement),
  });
  expect(incomplete).toEqual(['assemble-srpm:hello-director']);
});

test('a provenance that does not tell enough', async () => {
  const statement = await published('hello');
  const without = JSON.parse(
    JSON.stringify(statement).replaceAll(/"scripts":\[[^\]]*\]/g, '"scripts":{"a":"b"}'),
  ) as typeof statement;
  expect(() => toldSteps(without)).toThrow('internalParameters.steps.0.scripts: ');
  const told = toldSteps(statement).map((one) => ({
    ...one,
    outputs: one.outputs.map((output) => (output.kind === 'srpm' ? { ...output, digest: sha256('x') } : output)),
  }));
  expect(() =>
    toldPlan('hello', told, 'rebuild-srpm:hello-director', { ...nothingHere, ...toldDocuments(statement) }),
  ).toThrow('rebuild-srpm:hello-director: no step before it made its input hello-director-1-1.src.rpm');
});
