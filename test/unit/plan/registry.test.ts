import { describe, expect, test } from 'vitest';
import { bootstrapOf, madeOf } from '../../../pipeline/plan/image-identity.ts';
import { planFactory, type PlanOptions } from '../../../pipeline/plan/plan-factory.ts';
import {
  cachedImage,
  familiarName,
  PINNED_IMAGE,
  REGISTRY_PATH,
  registryHost,
} from '../../../pipeline/plan/registry.ts';
import type { Step } from '../../../pipeline/plan/step.ts';
import { EMPTY_LOCK, type Lock, type LockedImage } from '../../../pipeline/recipe/lock.ts';
import type { Recipe } from '../../../pipeline/recipe/recipe.ts';
import { identityOf, keyOf } from '../../../pipeline/run/key.ts';
import { digest, readNamed, stepScripts } from './recipes.ts';

describe('places in registries', () => {
  test.each([
    ...[
      'ghcr.io/acme/fullnat',
      'registry.example:5000/lvs',
      'localhost/a',
      'localhost:5000/a_b/c__d/e-f.g',
      'docker.io/acme',
    ],
    ...['127.0.0.1:5000/fullnat', 'builders:5000/a'],
  ])('%s is one', (text) => expect(text).toMatch(REGISTRY_PATH));

  test.each([
    ...[
      'acme/fullnat',
      'ghcr.io',
      'ghcr.io/',
      'ghcr.io/acme/',
      'https://ghcr.io/acme',
      'ghcr.io/Acme/x',
      'GHCR.io/acme',
    ],
    ...[
      'ghcr.io/acme:tag',
      `ghcr.io/acme@sha256:${digest('a')}`,
      'ghcr.io//acme',
      'user@ghcr.io/acme',
      '-a.b/c',
      'a.b/-c',
    ],
    ...['ghcr.io:port/a', 'ghcr.io/a b', 'ghcr.io/../a', ''],
  ])('%j is none', (text) => expect(text).not.toMatch(REGISTRY_PATH));

  test('a pinned image is one with its digest', () => {
    expect(`localhost:5000/a/b@sha256:${digest('a')}`).toMatch(PINNED_IMAGE);
    for (const text of [
      'localhost:5000/a/b',
      'localhost:5000/a/b:c',
      `a/b@sha256:${digest('a')}`,
      'localhost:5000/a@sha256:1',
    ])
      expect(text).not.toMatch(PINNED_IMAGE);
    expect(registryHost(`localhost:5000/a/b@sha256:${digest('a')}`)).toBe('localhost:5000');
    expect(['docker.io/library/debian', 'docker.io/acme/x', 'ghcr.io/a/b'].map(familiarName)).toEqual([
      ...['debian', 'acme/x', 'ghcr.io/a/b'],
    ]);
  });
});

describe('where an image may be had', () => {
  const there = `ghcr.io/acme/fullnat/debian-builder@sha256:${digest('a')}`;
  const entry = (pushed?: string): LockedImage => ({
    kind: 'base',
    id: `sha256:${digest('b')}`,
    base: 'tree:x',
    pushed,
  });
  test.each<[string, Parameters<typeof cachedImage>, ReturnType<typeof cachedImage>]>([
    ['nothing is named', ['i', undefined, undefined], null],
    ['by tag', ['i', 'r.io/p', undefined], { repository: 'r.io/p/i', pinned: [], locked: false }],
    ['locked: never by tag', ['i', 'r.io/p', entry()], { repository: 'r.io/p/i', pinned: [], locked: true }],
    ['where the lock says', ['i', undefined, entry(there)], { repository: null, pinned: [there], locked: true }],
    [
      'the same digest in the registry of this site first',
      ['i', 'r.io/p', entry(there)],
      { repository: 'r.io/p/i', pinned: [`r.io/p/i@sha256:${digest('a')}`, there], locked: true },
    ],
    ['nowhere at all', ['i', null, entry(there)], null],
  ])('%s', (_, args, expected) => expect(cachedImage(...args)).toEqual(expected));
});

describe('a plan', async () => {
  const [hello, scripts] = await Promise.all([readNamed('hello'), stepScripts()]);
  const images = (recipe: Recipe, options: Partial<PlanOptions> = {}, lock: Lock = EMPTY_LOCK) =>
    planFactory(recipe, lock, { frozen: false, scripts, ...options }).steps.filter(
      (step): step is Extract<Step, { stage: 'base-image' | 'builder-image' }> =>
        step.stage === 'base-image' || step.stage === 'builder-image',
    );
  const places = (steps: ReturnType<typeof images>) =>
    Object.fromEntries(steps.map(({ params: { name }, hints }) => [name, hints.registry?.repository ?? null]));
  const cached: Recipe = { ...hello, builder: { ...hello.builder, cache: 'r.io/p' } };
  const publisher = { ...cached, publisher: cached.builder };

  test('an image that names a registry lies there, and so does its base', () => {
    expect(places(images(publisher))).toEqual({
      'debian-base': 'r.io/p/debian-base',
      'debian-builder': 'r.io/p/debian-builder',
      'debian-target': null,
    });
    expect(new Set(Object.values(places(images(hello))))).toEqual(new Set([null]));
  });

  test('what the user names counts for all images, and none for none', () => {
    expect(Object.values(places(images(publisher, { imageCache: 'o.io/q' }))).sort()).toEqual([
      ...['o.io/q/debian-base', 'o.io/q/debian-builder', 'o.io/q/debian-target'],
    ]);
    expect(new Set(Object.values(places(images(publisher, { imageCache: null }))))).toEqual(new Set([null]));
  });

  test('registries are in no key, and a lock changes neither tag', () => {
    const keys = (steps: ReturnType<typeof images>) => steps.map((step) => keyOf(identityOf(step, 1, {})));
    expect(keys(images(publisher))).toEqual(keys(images(hello)));
    const base = (lock: Lock) => images(hello, {}, lock).find(({ stage }) => stage === 'base-image')!;
    const locked: Lock = {
      ...EMPTY_LOCK,
      images: { 'debian-base': { kind: 'base', id: `sha256:${digest('b')}`, base: `tree:sha256:${digest('c')}` } },
    };
    const [open, pinned] = [base(EMPTY_LOCK), base(locked)];
    if (open.stage !== 'base-image' || pinned.stage !== 'base-image') throw new Error('no base');
    expect(open.params).not.toEqual(pinned.params);
    expect(bootstrapOf(open.params)).toBe(bootstrapOf(pinned.params));
    const other = { ...open.params, bootstrap: { ...open.params.bootstrap!, suite: 'trixie' } };
    expect(bootstrapOf(other)).not.toBe(bootstrapOf(open.params));
    const { name, context } = hello.builder;
    expect(madeOf(name, context, digest('a'))).not.toBe(madeOf(name, context, digest('b')));
    expect(madeOf(name, context, digest('a'))).not.toBe(madeOf(name, context.slice(1), digest('a')));
  });
});
