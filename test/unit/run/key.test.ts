import { expect, test } from 'vitest';
import type { Artifact } from '../../../pipeline/plan/artifact.ts';
import type { Step } from '../../../pipeline/plan/step.ts';
import { canonicalJson } from '../../../pipeline/run/canonical-json.ts';
import { identityOf, keyOf, type RoleArtifacts } from '../../../pipeline/run/key.ts';
import { sha256 } from '../store/rig.ts';
import { step } from './rig.ts';

function artifact(name: string, more: Partial<Artifact> = {}): Artifact {
  return { kind: 'source', name, digest: sha256(name), size: name.length, ...more };
}
const INPUTS: RoleArtifacts = { builder: artifact('image'), sources: [artifact('x'), artifact('y')] };
const key = (of: Step, version = 1, inputs = INPUTS): string => keyOf(identityOf(of, version, inputs));

test('canonical JSON does not depend on the order of members', () => {
  expect(canonicalJson({ b: 1, a: [{ d: null, c: 'ü"' }] })).toBe('{"a":[{"c":"ü\\"","d":null}],"b":1}');
  expect(canonicalJson({ a: [{ c: 'ü"', d: null }], b: 1 })).toBe(canonicalJson({ b: 1, a: [{ d: null, c: 'ü"' }] }));
  expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
});

test.each([
  { a: undefined },
  [undefined],
  { a: Number.NaN },
  { a: () => 1 },
  { a: 1n },
  new Date(),
  new Map(),
  Buffer.from('x'),
])('what JSON would change silently is refused: %o', (value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});

test('the identity is the JSON that is hashed, without names of places and people', () => {
  const image = artifact('image', { kind: 'image', engineId: 'sha256:1' });
  expect(identityOf(step('a', [], { text: 't' }), 3, { b: [], a: image })).toEqual({
    stage: 'fetch-file',
    version: 3,
    params: { text: 't' },
    inputs: { a: [{ kind: 'image', name: 'image', digest: sha256('image') }], b: [] },
  });
});

test('id, title, hints, sizes and engine ids are not in the key', () => {
  const a = step('a', [], { text: 't' });
  const same = { ...a, id: 'b', title: 'other', hints: { urls: ['x'] } } as unknown as Step;
  expect(key(same)).toBe(key(a));
  expect(key(a, 1, { ...INPUTS, builder: artifact('image', { engineId: 'sha256:2', size: 99 }) })).toBe(key(a));
  expect(key(a, 1, { sources: INPUTS.sources ?? [], builder: INPUTS.builder ?? [] })).toBe(key(a));
});

test('stage, version, params, digests, names, kinds, order and roles are', () => {
  const a = step('a', [], { text: 't' });
  const variants = [
    key(a),
    key(step('a', [], { text: 't', kind: 'heavy' })),
    key(a, 2),
    key(step('a', [], { text: 'u' })),
    key(a, 1, { ...INPUTS, builder: artifact('image', { digest: sha256('other') }) }),
    key(a, 1, { ...INPUTS, builder: artifact('image', { name: 'other' }) }),
    key(a, 1, { ...INPUTS, builder: artifact('image', { kind: 'rpm' }) }),
    key(a, 1, { ...INPUTS, sources: [artifact('y'), artifact('x')] }),
    key(a, 1, { ...INPUTS, sources: [artifact('x')] }),
    key(a, 1, { image: artifact('image'), sources: INPUTS.sources ?? [] }),
  ];
  expect(new Set(variants).size).toBe(variants.length);
});
