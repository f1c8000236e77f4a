import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FACTORY_DIR } from '../../pipeline/cli/paths.ts';
import { stepScripts } from '../../pipeline/cli/step-scripts.ts';
import type { Artifact, ArtifactKind } from '../../pipeline/plan/artifact.ts';
import { scriptsOf } from '../../pipeline/plan/steps.ts';
import { failureOf } from '../../pipeline/run/failure.ts';
import type { StageContext, StageResult } from '../../pipeline/stages/stage.ts';
import type { PairDocument } from '../../pipeline/stages/verify-pair-document.ts';
import { verifyPair } from '../../pipeline/stages/verify-pair.ts';
import { createStore } from '../../pipeline/store/store.ts';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import { createFiles } from '../../pipeline/tools/files.ts';
import type { Store, Tools } from '../../pipeline/tools/tools.ts';
import { builderImage, only, stepRig } from './step-rig.ts';
import { MAKE, PARAMS } from './verify-pair-inputs.ts';

let made: ReadonlyMap<string, Buffer>;
let image: string;
let dir: string;
let store: Store;
beforeAll(async () => {
  made = await (await stepRig()).make(MAKE);
  image = await builderImage();
  dir = await mkdtemp(join(tmpdir(), 'verify-pair-'));
  store = createStore(dir);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

interface Chosen {
  readonly director?: string;
  readonly backend?: string;
  readonly srpm?: string;
}

/** The stage itself, in a container, on packages of which some are exchanged. */
async function run({ director = 'director.rpm', backend = 'backend.rpm', srpm = 'tools.src.rpm' }: Chosen = {}) {
  const artifact = async <K extends ArtifactKind>(kind: K, name: string, from: string): Promise<Artifact<K>> => ({
    kind,
    name,
    ...(await store.put(only(made, from))),
  });
  const roots = { factory: [FACTORY_DIR], recipe: [dir], patches: [dir] };
  const context: Partial<StageContext<'verify-pair'>> = {
    step: {
      id: 'verify-pair',
      stage: 'verify-pair',
      title: '',
      params: { ...PARAMS, scripts: scriptsOf('verify-pair', await stepScripts()) },
      inputs: {} as never,
      hints: {},
    },
    inputs: {
      publisher: { kind: 'image', name: 'debian-builder', ...(await store.put(Buffer.from('{}'))), engineId: image },
      director: await artifact('signed-rpm', 'kernel-1-1.d.x86_64.rpm', director),
      headers: await artifact('signed-rpm', 'kernel-headers-1-1.d.x86_64.rpm', 'headers.rpm'),
      backend: await artifact('signed-rpm', 'kernel-1-1.b.x86_64.rpm', backend),
      tools: [await artifact('signed-rpm', 'ipvsadm-1-1.x86_64.rpm', 'ipvsadm.rpm')],
      srpm: await artifact('signed-srpm', 'tools-1-1.src.rpm', srpm),
    },
    tools: {
      containers: createContainers({ owner: `pair-${process.pid}`, runId: 'this-run' }),
      store,
      files: createFiles(roots),
    } as Partial<Tools> as Tools,
    log: () => undefined,
    signal: new AbortController().signal,
  };
  return verifyPair.run(context as StageContext<'verify-pair'>);
}

/** What the gate says no to, each with what it found and what it wanted. */
async function refused(chosen: Chosen): Promise<readonly (readonly [string, string, string])[]> {
  const failure = failureOf(
    await run(chosen).then(
      () => new Error('it passed'),
      (error: unknown) => error,
    ),
  );
  if (failure.kind !== 'PairMismatch') throw new Error(JSON.stringify(failure));
  return failure.checks.map(({ id, got, want }) => [id, got, want]);
}

async function document({ outputs }: StageResult): Promise<PairDocument> {
  const [pair] = outputs;
  if (pair === undefined) throw new Error('no output');
  return JSON.parse((await store.read(pair.digest)).toString()) as PairDocument;
}

describe('a pair', () => {
  test('passes; the same packages make the same document', async () => {
    const [one, two] = await Promise.all([run(), run()]);
    expect(one.outputs).toEqual(two.outputs);
    const pair = await document(one);
    expect(pair).toMatchObject({ schema: 1, recipe: 'tiny', toaOption: 254, ok: true });
    expect(pair.members.map(({ side, nevra }) => `${side} ${nevra}`)).toEqual([
      'director kernel-1-1.d.x86_64',
      'backend kernel-1-1.b.x86_64',
      'tools ipvsadm-1-1.x86_64',
    ]);
    const seen = Object.fromEntries(pair.checks.map(({ id, value }) => [id, value]));
    expect(seen).toMatchObject({
      'toa-option:director:code': '254',
      'toa-option:backend:modinfo': '254',
      'toa-option:backend:code': '254',
      'vermagic:backend': '2 modules, all of 1-1.b.x86_64',
      'modules-signed:director': '2 modules, all signed',
      'variable:director:ip_vs.ip_vs_conn_tab_bits': '20',
      'struct:ipvsadm:service_kern': '12 bytes: addr 0, port 4, flags 8',
      // The tarball says 9999; %prep makes it what it is.
      'constant:ipvsadm:SET_ADD': '1153',
      'argument:ipvsadm:SET_ADD': '12',
    });
  });
});

describe('refused by name', () => {
  test('200 in one kernel, 254 in the other', async () => {
    expect(await refused({ director: 'director-200.rpm' })).toEqual([
      ['toa-option', 'director 200, backend 254', 'the same number in both'],
    ]);
  });

  test('an option number that cannot be read', async () => {
    expect(await refused({ director: 'director-unreadable.rpm' })).toEqual([
      ['toa-option:director:code', 'cannot be read', 'exactly one option number in ip_vs.ko'],
    ]);
  });

  test('one module of another kernel', async () => {
    expect(await refused({ backend: 'backend-foreign.rpm' })).toEqual([
      ['vermagic:backend', '1 of 1-2.b.x86_64, first /lib/modules/1-1.b.x86_64/kernel/ext.ko', 'all of 1-1.b.x86_64'],
    ]);
  });

  test('one module without a signature', async () => {
    expect(await refused({ backend: 'backend-bare.rpm' })).toEqual([
      [
        'modules-signed:backend',
        '1 of 2 without a signature, first /lib/modules/1-1.b.x86_64/kernel/ext.ko',
        'all signed',
      ],
    ]);
  });

  test('a connection table of 12 bits', async () => {
    expect(await refused({ director: 'director-12.rpm' })).toEqual([
      ['config:director:CONFIG_IP_VS_TAB_BITS', '12', '20'],
    ]);
  });

  test('a struct that the tools lay out otherwise', async () => {
    expect(await refused({ srpm: 'tools-swapped.src.rpm' })).toEqual([
      ['struct:ipvsadm:service_kern', '12 bytes: addr 4, port 0, flags 8', '12 bytes: addr 0, port 4, flags 8'],
    ]);
  });

  test('a struct that is longer in the tools: the header, and the table in the module', async () => {
    expect(await refused({ srpm: 'tools-long.src.rpm' })).toEqual([
      ['struct:ipvsadm:service_kern', '16 bytes: addr 0, port 4, flags 8', '12 bytes: addr 0, port 4, flags 8'],
      ['argument:ipvsadm:SET_ADD', '16', '12'],
    ]);
  });

  test('tools whose source package is none', async () => {
    expect(await refused({ srpm: 'director.rpm' })).toEqual([
      ['package-unreadable', 'tools-1-1.src.rpm holds no spec', 'something that can be read'],
    ]);
  });
});
