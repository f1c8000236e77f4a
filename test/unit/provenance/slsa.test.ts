import { expect, test } from 'vitest';
import { documentBytes } from '../../../pipeline/provenance/document.ts';
import type { ResourceDescriptor } from '../../../pipeline/provenance/in-toto.ts';
import { provenanceOf } from '../../../pipeline/provenance/slsa.ts';
import { provenanceSchema } from '../../helpers/provenance-schema.ts';
import { accountOf } from './rig.ts';

test('golden: the provenance of hello', async () => {
  const { account } = await accountOf('hello');
  await expect(documentBytes(provenanceOf(account)).toString()).toMatchFileSnapshot('golden/hello.provenance');
});

test.each(['hello', 'lts', 'el6'] as const)('%s: as in-toto and SLSA define it', async (name) => {
  const { account } = await accountOf(name);
  const statement: unknown = JSON.parse(documentBytes(provenanceOf(account)).toString());
  expect(provenanceSchema.safeParse(statement).error?.issues ?? []).toEqual([]);
});

test('every package is a subject, and its digest before signing is a by-product', async () => {
  const { account } = await accountOf('lts');
  const { subject, predicate } = provenanceOf(account);
  const unsigned = predicate.runDetails.byproducts.filter(({ annotations }) => annotations?.kind === 'unsigned');
  expect(subject.length).toBeGreaterThan(6);
  expect(unsigned.map(({ annotations }) => annotations?.signed)).toEqual(subject.map(({ name }) => name));
  const digests = new Set([...subject, ...unsigned].map(({ digest }) => digest?.sha256));
  expect(digests.size).toBe(2 * subject.length);
});

test('every digest that went into a step came out of another or is resolved', async () => {
  const { account } = await accountOf('el6');
  const { internalParameters, resolvedDependencies } = provenanceOf(account).predicate.buildDefinition;
  const { steps } = internalParameters as { steps: { inputs: Record<string, Digest[]>; outputs: Digest[] }[] };
  const known = new Set(steps.flatMap(({ outputs }) => outputs.map(({ digest }) => digest)));
  for (const { inputs } of steps)
    for (const { digest } of Object.values(inputs).flat()) expect(known).toContain(digest);
  const fetched = steps.flatMap((step) => (Object.keys(step.inputs).length === 0 ? step.outputs : []));
  const resolved = new Set(resolvedDependencies.map(({ digest }) => digest?.sha256));
  for (const { kind, digest } of fetched) if (kind === 'source') expect(resolved).toContain(digest);
});
type Digest = { kind: string; digest: string };

test('sources of el6: where from, and the signature that was asked for', async () => {
  const { account } = await accountOf('el6');
  const sources = dependencies(account, 'source');
  const kernel = sources.find(({ name }) => name === 'kernel-2.6.32-220.23.1.el6.src.rpm');
  expect(kernel?.uri).toMatch(/^https?:\/\/.+\.src\.rpm$/);
  expect(kernel?.annotations).toMatchObject({
    version: '2.6.32-220.23.1.el6',
    trust: expect.stringContaining('signature') as string,
  });
  expect(kernel?.annotations?.keys).toEqual(expect.arrayContaining([expect.stringMatching(/^[0-9A-F]{40}$/)]));
  // Trees that this build does not use are not among what it was made of.
  expect(sources.map(({ name }) => name).filter((name) => /\.(lvs|rs)\.src\.tar\.gz$/.test(name ?? ''))).toEqual([]);
});

test('files of the recipe, patches and images are resolved', async () => {
  const { account } = await accountOf('hello');
  expect(dependencies(account, 'patch').map(({ name }) => name)).toEqual(['patches/hello-director/0001-a-comma.patch']);
  expect(dependencies(account, 'recipe-file').map(({ name }) => name)).toEqual([
    'recipe/config-generic',
    'recipe/hello.c',
    'recipe/hello.spec',
  ]);
  const [image] = dependencies(account, 'image');
  const content = Buffer.from(image?.content ?? '', 'base64').toString();
  expect(JSON.parse(content)).toMatchObject({ name: 'debian-builder', packages: image?.annotations?.packagesSha256 });
  expect(dependencies(account, 'base-image')[0]?.uri).toMatch(/^pkg:oci\/debian@sha256:[0-9a-f]{64}\?repository_url=/);
});

test('nothing of when, where and by which run', async () => {
  const bytes = async (startedAt: string, runId: string, engineId: string) =>
    documentBytes(provenanceOf((await accountOf('el6', {}, { startedAt, runId, engineId })).account)).toString();
  expect(await bytes('2027-02-03T04:05:06Z', 'another', 'sha256:f')).toBe(
    await bytes('2026-01-02T03:04:05Z', 'run', 'sha256:e'),
  );
});

test('nothing of private mirrors and private images', async () => {
  const { account } = await accountOf('el6', {
    mirrors: ['https://mirror.private.example/pool'],
    builderImage: 'registry.private.example/builder:1',
  });
  expect(documentBytes(provenanceOf(account)).toString()).not.toContain('private.example');
});

function dependencies(account: Parameters<typeof provenanceOf>[0], kind: string): ResourceDescriptor[] {
  const { resolvedDependencies } = provenanceOf(account).predicate.buildDefinition;
  return resolvedDependencies.filter(({ annotations }) => annotations?.kind === kind);
}
