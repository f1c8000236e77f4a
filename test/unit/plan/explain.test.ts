import { describe, expect, test } from 'vitest';
import { forecast } from '../../../pipeline/plan/explain.ts';
import type { Lookups, StepForecast } from '../../../pipeline/plan/explain.ts';
import type { Artifact, ArtifactKind } from '../../../pipeline/plan/artifact.ts';
import { identityReasons } from '../../../pipeline/plan/identity-reasons.ts';
import { handlesOf } from '../../../pipeline/plan/step.ts';
import type { Plan, Step, StageName } from '../../../pipeline/plan/step.ts';
import { explainText, planText, showMs } from '../../../pipeline/plan/render.ts';
import { identityOf, keyOf } from '../../../pipeline/run/key.ts';
import type { Identity, StepRecord } from '../../../pipeline/run/record.ts';
import { resolveInputs } from '../../../pipeline/run/resolve.ts';
import { digest, planNamed } from './recipes.ts';

const plan = await planNamed('hello');
const ALL = plan.steps.map(({ id }) => id);
const STAGES = Object.fromEntries(plan.steps.map(({ stage }) => [stage, { version: 1 }])) as Lookups['stages'];

/** What each stage would make, named after its step. */
const MAKES: Partial<Record<StageName, readonly [ArtifactKind, string][]>> = {
  'fetch-file': [['source', 'hello.c']],
  'base-image': [['image', 'base']],
  'builder-image': [['image', 'image']],
  'assemble-srpm': [['srpm', 'hello-1-1.src.rpm']],
  'rebuild-srpm': [['rpm', 'hello-1-1.x86_64.rpm']],
  'signing-key': [['public-key', 'key.asc']],
  sign: [
    ['signed-rpm', 'hello-1-1.x86_64.rpm'],
    ['signed-srpm', 'hello-1-1.src.rpm'],
  ],
  snapshot: [['snapshot', 's']],
  'verify-install': [['evidence', 'e.json']],
  publish: [['pointer', 'p']],
};

/** A ledger in which the whole plan was made once, 1 s per step. */
function made(of: Plan): Map<string, StepRecord> {
  const records = new Map<string, StepRecord>();
  const outputsOf = (id: string) => records.get(id)?.outputs ?? [];
  for (const [index, step] of of.steps.entries()) {
    const identity = identityOf(step, 1, resolveInputs(step, outputsOf));
    const outputs = (MAKES[step.stage] ?? []).map(([kind, name]): Artifact => ({
      kind,
      name,
      digest: digest((index + 16).toString(16)),
      size: 1,
    }));
    const key = keyOf(identity);
    const common = { schema: 1, facts: {}, startedAt: '2026-01-01T00:00:00Z', log: null, runId: 'r' } as const;
    records.set(step.id, { ...common, key, step: step.id, identity, outputs, ms: 1000 });
  }
  return records;
}

function lookups(records: ReadonlyMap<string, StepRecord>, more: Partial<Lookups> = {}): Lookups {
  return {
    stages: STAGES,
    record: (key) => Promise.resolve([...records.values()].find((record) => record.key === key)),
    latest: (id) => Promise.resolve(records.get(id)),
    has: () => Promise.resolve(true),
    ...more,
  };
}

function changed(id: string, change: (step: Step) => Step): Plan {
  return { ...plan, steps: plan.steps.map((step) => (step.id === id ? change(step) : step)) };
}

const states = (steps: readonly StepForecast[]) => Object.fromEntries(steps.map(({ id, state }) => [id, state]));
const reasonsOf = (steps: readonly StepForecast[], id: string) => steps.find((step) => step.id === id)?.reasons;

describe('forecast', () => {
  test('a first run runs everything', async () => {
    const steps = await forecast(plan, ALL, lookups(new Map()));
    expect(steps.every(({ state, lastMs }) => state === 'will run' && lastMs === null)).toBe(true);
    expect(reasonsOf(steps, 'publish')).toEqual(['never made before']);
  });

  test('a second run runs nothing', async () => {
    const steps = await forecast(plan, ALL, lookups(made(plan)));
    expect(steps.map(({ id }) => id)).toEqual(ALL);
    expect(
      steps.every(({ state, reasons, lastMs }) => state === 'cached' && reasons.length === 0 && lastMs === 1000),
    ).toBe(true);
  });

  test('only what the targets need', async () => {
    const steps = await forecast(plan, ['rebuild-srpm:hello-backend'], lookups(made(plan)));
    expect(steps.map(({ id }) => id)).toEqual([
      'fetch-file:hello',
      'base-image:debian',
      'builder-image:debian-builder',
      'assemble-srpm:hello-backend',
      'rebuild-srpm:hello-backend',
    ]);
  });

  test('a changed edit re-makes one package; what follows may come out the same', async () => {
    const id = 'assemble-srpm:hello-director';
    const after = changed(id, (step) => {
      if (step.stage !== 'assemble-srpm') return step;
      return {
        ...step,
        params: { ...step.params, configSet: { file: 'config-generic', values: { CONFIG_HELLO_BITS: '18' } } },
      };
    });
    const steps = await forecast(after, ALL, lookups(made(plan)));
    expect(reasonsOf(steps, id)).toEqual(['config CONFIG_HELLO_BITS: 20 -> 18']);
    expect(reasonsOf(steps, 'rebuild-srpm:hello-director')).toEqual([`${id} will run`]);
    expect(states(steps)).toMatchObject({
      [id]: 'will run',
      'rebuild-srpm:hello-director': 'may run',
      'rebuild-srpm:hello-backend': 'cached',
      'sign:hello-backend': 'cached',
      snapshot: 'may run',
      publish: 'may run',
    });
  });

  test('an upstream that came out different names itself', async () => {
    const records = made(plan);
    const fetched = records.get('fetch-file:hello')!;
    records.set(fetched.step, { ...fetched, outputs: fetched.outputs.map((one) => ({ ...one, digest: digest('f') })) });
    const steps = await forecast(plan, ALL, lookups(records));
    expect(reasonsOf(steps, 'assemble-srpm:hello-backend')).toEqual([
      'input sources hello.c changed (from fetch-file:hello)',
    ]);
  });

  test('a lost output, a lost record, a newer stage', async () => {
    const records = made(plan);
    const lost = await forecast(plan, ALL, lookups(records, { has: (sha) => Promise.resolve(!sha.startsWith('11')) }));
    expect(reasonsOf(lost, 'base-image:debian')).toEqual(['output base is not in the store any more']);
    const unknown = await forecast(plan, ALL, lookups(records, { record: () => Promise.resolve(undefined) }));
    expect(reasonsOf(unknown, 'base-image:debian')).toEqual(['its record is gone from the ledger']);
    const stages = { ...STAGES, 'rebuild-srpm': { version: 2 } };
    const newer = await forecast(plan, ALL, lookups(records, { stages }));
    expect(reasonsOf(newer, 'rebuild-srpm:hello-backend')).toEqual(['stage version 1 -> 2']);
    expect(states(newer)).toMatchObject({ 'assemble-srpm:hello-backend': 'cached', 'sign:hello-backend': 'may run' });
  });
});

describe('identityReasons', () => {
  const step = plan.steps.find(({ id }) => id === 'assemble-srpm:hello-director')!;
  const identity = made(plan).get(step.id)!.identity;
  const params = identity.params as Record<string, unknown>;
  const after = (more: Record<string, unknown>): Identity => ({ ...identity, params: { ...params, ...more } });
  const why = (now: Identity) => identityReasons(identity, now, (role) => `maker-of-${role}`);
  const ref = (path: string, hex: string) => ({ root: 'recipe', path, sha256: digest(hex) });
  const patches = params.patches as Record<string, unknown>;
  const files = params.files as readonly unknown[];

  test.each([
    [
      { patches: { ...patches, files: [ref('hello-director/0001-a-comma.patch', 'a')] } },
      ['patch 0001-a-comma.patch changed'],
    ],
    [{ patches: null }, ['patch 0001-a-comma.patch removed']],
    [{ patches: { ...patches, firstNumber: 7 } }, ['patches.firstNumber: 1 -> 7']],
    [{ files: [files[0], ref('config-generic', 'b')] }, ['file config-generic changed']],
    [{ files: [files[1], files[0]] }, ['order of the file list changed']],
    [{ files: [...files, ref('more', 'b')] }, ['file more added']],
    [{ scripts: [] }, ['script assemble-srpm.sh removed', 'script entry.sh removed', 'script lib.sh removed']],
    [{ edits: [] }, ['edit of hello.spec changed']],
    [{ configAdd: { file: 'config-generic', values: { CONFIG_TOA: 'm' } } }, ['config CONFIG_TOA: none -> m']],
    [{ config: { final: 'x', wanted: null, values: {} } }, ['config added']],
    [{ epoch: 1 }, ['epoch: 1767225600 -> 1']],
    [{ defines: { dist: '.fn13' } }, ['defines.dist: .fn12 -> .fn13']],
    [{ with: ['--with firmware'] }, ['with: --with firmware added']],
  ])('%j', (change, reasons) => {
    expect(why(after(change))).toEqual(reasons);
  });

  test('inputs are named by role, file and maker', () => {
    const [source] = identity.inputs.sources!;
    const builder = identity.inputs.builder!;
    const inputs = { ...identity.inputs, sources: [{ ...source!, digest: digest('a') }] };
    expect(why({ ...identity, inputs })).toEqual(['input sources hello.c changed (from maker-of-sources)']);
    const renamed = { ...identity.inputs, sources: [{ ...source!, name: 'hi.c' }] };
    expect(why({ ...identity, inputs: renamed })).toEqual(['input sources hello.c -> hi.c (from maker-of-sources)']);
    const more = { ...identity.inputs, srpm: builder, sources: [] };
    expect(why({ ...identity, inputs: more })).toEqual([
      'input sources hello.c removed',
      'input srpm image added (from maker-of-srpm)',
    ]);
  });

  test('equal identities have no reasons, whatever the order of their keys', () => {
    const reversed = Object.fromEntries(Object.entries(params).reverse());
    expect(why({ ...identity, params: reversed })).toEqual([]);
  });
});

describe('render', () => {
  test.each([
    [null, '-'],
    [0, '0.0 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_600, '1 m 00 s'],
    [185_000, '3 m 05 s'],
    [3_725_000, '1 h 02 m'],
  ])('%j ms', (ms, text) => {
    expect(showMs(ms)).toBe(text);
  });

  const steps: StepForecast[] = [
    { id: 'base-image:debian', state: 'cached', reasons: [], lastMs: 1000 },
    { id: 'fetch-file:hello', state: 'will run', reasons: ['file hello.c changed', 'epoch: 1 -> 2'], lastMs: 500 },
    { id: 'publish', state: 'may run', reasons: ['snapshot may run'], lastMs: null },
  ];

  test('the table', () => {
    expect(planText(plan, steps)).toBe(`STEP               STATE     LAST TIME  WHY
base-image:debian  cached    1.0 s      base image docker.io/library/debian
fetch-file:hello   will run  0.5 s      file hello.c changed (+1 more)
publish            may run   -          snapshot may run

hello: 3 steps: 1 will run, 1 may run, 1 cached; last time they took 0.5 s one after another
`);
  });

  test('all reasons', () => {
    expect(explainText(steps.slice(1))).toBe(`fetch-file:hello: will run, took 0.5 s the last time
  - file hello.c changed
  - epoch: 1 -> 2
publish: may run
  - snapshot may run
`);
    expect(explainText([])).toBe('Nothing would run: everything is made already.\n');
  });
});

test('handles of a plan all name a kind that their step makes', () => {
  for (const step of plan.steps) {
    for (const { handle } of handlesOf(step)) {
      const stage = plan.steps.find(({ id }) => id === handle.step)!.stage;
      expect(MAKES[stage]!.map(([kind]) => kind)).toContain(handle.kind);
    }
  }
});
