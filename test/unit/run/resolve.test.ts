import { expect, test } from 'vitest';
import type { Artifact, ArtifactKind } from '../../../pipeline/plan/artifact.ts';
import type { Step } from '../../../pipeline/plan/step.ts';
import { FactoryError, type Failure } from '../../../pipeline/run/failure.ts';
import { resolveInputs } from '../../../pipeline/run/resolve.ts';
import { sha256 } from '../store/rig.ts';

const rpm = (name: string): Artifact => artifact('rpm', `${name}-6.1-1.ipvs.x86_64.rpm`);
function artifact(kind: ArtifactKind, name: string): Artifact {
  return { kind, name, digest: sha256(name), size: 1 };
}
const OUTPUTS: Readonly<Record<string, readonly Artifact[]>> = {
  kernel: [rpm('kernel-devel'), rpm('kernel'), artifact('config', 'config-6.1')],
  source: [artifact('source', 'linux.tar.xz')],
  twice: [artifact('source', 'b'), artifact('source', 'a')],
};
function resolve(inputs: object) {
  const step = { id: 'user', stage: 'sign', title: '', params: {}, inputs, hints: {} } as unknown as Step;
  return resolveInputs(step, (id) => OUTPUTS[id] ?? []);
}
function failing(inputs: object): Failure {
  try {
    resolve(inputs);
  } catch (error) {
    if (error instanceof FactoryError) return error.failure;
  }
  throw new Error('did not fail');
}

test('one handle is one artifact, a list is a list', () => {
  const source = { step: 'source', kind: 'source' };
  expect(resolve({ one: source, many: [source], none: [] })).toEqual({
    one: OUTPUTS['source']?.[0],
    many: OUTPUTS['source'],
    none: [],
  });
});

test('a handle in a list takes all outputs of its kind by name; handles keep their order', () => {
  const { rpms } = resolve({ rpms: [{ step: 'kernel', kind: 'rpm' }] });
  expect(rpms).toEqual([rpm('kernel'), rpm('kernel-devel')]);
  const { sources } = resolve({
    sources: [
      { step: 'twice', kind: 'source' },
      { step: 'source', kind: 'source' },
    ],
  });
  expect(sources).toMatchObject([{ name: 'a' }, { name: 'b' }, { name: 'linux.tar.xz' }]);
});

test('rpmName picks by the name of the package, not by how the file name begins', () => {
  expect(resolve({ dep: { step: 'kernel', kind: 'rpm', rpmName: 'kernel' } })).toEqual({ dep: rpm('kernel') });
});

test('a package that was not made is WrongPackages', () => {
  expect(failing({ deps: [{ step: 'kernel', kind: 'rpm', rpmName: 'kernel-headers' }] })).toEqual({
    kind: 'WrongPackages',
    step: 'kernel',
    want: ['kernel-headers'],
    got: ['kernel-devel-6.1-1.ipvs.x86_64.rpm', 'kernel-6.1-1.ipvs.x86_64.rpm'],
  });
});

test.each([
  ['none, single', { part: { step: 'source', kind: 'image' } }],
  ['none, in a list', { parts: [{ step: 'source', kind: 'image' }] }],
  ['two, single', { part: { step: 'twice', kind: 'source' } }],
])('outputs that match a handle: %s', (_what, inputs) => {
  expect(failing(inputs)).toMatchObject({
    kind: 'Internal',
    message: expect.stringContaining('user: its part') as string,
  });
});
