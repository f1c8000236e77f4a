import { asSha256 } from '../../../pipeline/plan/artifact.ts';
import type { Artifact, ArtifactKind } from '../../../pipeline/plan/artifact.ts';
import type { FactoryEvent, TimedEvent } from '../../../pipeline/run/events.ts';
import type { Facts, StepRecord } from '../../../pipeline/run/record.ts';

/** 2026-11-22T15:34:15Z: every fixture run starts then. */
export const START = Date.UTC(2026, 10, 22, 15, 34, 15);

function artifact(kind: ArtifactKind, name: string, size: number): Artifact {
  const fill = Array.from(name).reduce(
    (sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 0xffff_fffb,
    size,
  );
  return { kind, name, size, digest: asSha256(fill.toString(16).padStart(8, '0').repeat(8)) };
}

function record(step: string, ms: number, outputs: readonly Artifact[], facts: Facts = {}): StepRecord {
  return {
    schema: 1,
    key: 'k'.repeat(64),
    step,
    identity: { stage: step.split(':')[0] ?? '', version: 1, params: {}, inputs: {} },
    outputs,
    facts,
    startedAt: new Date(START).toISOString(),
    ms,
    log: `runs/R1/${step.replace(':', '-')}.log`,
    runId: 'R1',
  };
}

/** Puts times (seconds after START) on events. */
function timed(events: readonly (readonly [seconds: number, event: FactoryEvent])[]): TimedEvent[] {
  return events.map(([seconds, event]) => ({ ...event, at: START + seconds * 1000 }));
}

const STEPS = [
  ['fetch:kernel-source', 'fetch-http', 'linux 6.1 source'],
  ['fetch:keepalived', 'fetch-http', 'keepalived source'],
  ['image:builder', 'builder-image', 'builder image'],
  ['assemble-srpm:kernel-director', 'assemble-srpm', 'SRPM of kernel-director'],
  ['rebuild-srpm:kernel-director', 'rebuild-srpm', 'build kernel-director'],
  ['rebuild-srpm:lvs-tools', 'rebuild-srpm', 'build lvs-tools'],
  ['sign:kernel-director', 'sign', 'sign kernel-director'],
  ['snapshot', 'snapshot', 'repository snapshot'],
] as const;

const runStarted: FactoryEvent = {
  type: 'run-started',
  runId: 'R1',
  recipe: 'lts',
  runDir: '/artifacts/runs/R1',
  steps: STEPS.map(([id, stage, title]) => ({ id, stage, title })),
};

const kernelRpms = [
  artifact('rpm', 'kernel-6.1.90-1.ipvs_20bit.x86_64.rpm', 48_234_112),
  artifact('rpm', 'kernel-devel-6.1.90-1.ipvs_20bit.x86_64.rpm', 17_100_000),
];
const signedRpms = kernelRpms.map((rpm) => artifact('signed-rpm', rpm.name, rpm.size + 512));
const kernelFacts = { ccacheHits: 2450, ccacheMisses: 50, objects: 2500, resolvedVersion: '6.1.90-1' };

/** Two cached steps, several made in parallel, phases and progress, interleaved logs, everything well. */
export function goodRun(): TimedEvent[] {
  const log = (step: string, line: string): FactoryEvent => ({ type: 'log', step, stream: 'stdout', line });
  const director = 'rebuild-srpm:kernel-director';
  const tools = 'rebuild-srpm:lvs-tools';
  const progress = (step: string, phase: string, done: number, total: number | null): FactoryEvent => ({
    type: 'step-progress',
    step,
    phase,
    done,
    total,
    unit: 'objects',
  });
  const started = (step: string, why: string): FactoryEvent => ({ type: 'step-started', step, why, log: null });
  const made = (step: string, ms: number, outputs: readonly Artifact[], facts: Facts = {}): FactoryEvent => ({
    type: 'step-made',
    step,
    record: record(step, ms, outputs, facts),
  });
  const source = artifact('source', 'linux-6.1.tar.xz', 137_000_000);
  return timed([
    [0, runStarted],
    [
      0.05,
      { type: 'step-cached', step: 'fetch:kernel-source', record: record('fetch:kernel-source', 61_000, [source]) },
    ],
    [0.06, { type: 'step-cached', step: 'fetch:keepalived', record: record('fetch:keepalived', 2_000, []) }],
    [0.1, started('image:builder', 'never made before')],
    [41, made('image:builder', 40_900, [artifact('image', 'debian-builder', 812)], { how: 'built', packages: 312 })],
    [41, started('assemble-srpm:kernel-director', 'builder changed')],
    [
      49,
      made('assemble-srpm:kernel-director', 8_000, [
        artifact('srpm', 'kernel-6.1.90-1.ipvs_20bit.src.rpm', 139_000_000),
      ]),
    ],
    [49, started(director, 'patch toa.patch changed')],
    [49, started(tools, 'builder changed')],
    [50, progress(director, 'prepare', 0, null)],
    [50.1, log(director, 'Executing(%prep): /bin/sh')],
    [50.2, log(tools, 'checking for gcc... gcc')],
    [62, progress(director, 'compile', 0, 2500)],
    [90, log(director, '  CC      net/netfilter/ipvs/ip_vs_core.o')],
    [100, progress(director, 'compile', 625, 2500)],
    [110, { type: 'note', level: 'warning', step: tools, message: 'source keepalived is not locked' }],
    [131, progress(director, 'compile', 1250, 2500)],
    [
      140,
      made(tools, 91_000, [artifact('rpm', 'lvs-tools-1.0-1.x86_64.rpm', 912_345)], {
        ccacheHits: 0,
        ccacheMisses: 120,
      }),
    ],
    [201, progress(director, 'compile', 2500, 2500)],
    [201.5, progress(director, 'package', 2500, null)],
    [246, made(director, 197_000, kernelRpms, kernelFacts)],
    [246, started('sign:kernel-director', 'input changed')],
    [249, made('sign:kernel-director', 3_000, signedRpms)],
    [249, started('snapshot', 'input changed')],
    [254, made('snapshot', 5_000, [artifact('snapshot', '20261122T153800Z-0123456789ab', 5_120)], { files: 14 })],
    [254, { type: 'run-finished', ok: true, ms: 254_000, failures: [] }],
  ]);
}

/** The kernel build fails, the steps behind it are skipped. */
export function badRun(): TimedEvent[] {
  const step = 'rebuild-srpm:kernel-director';
  const failure = {
    kind: 'ContainerExit',
    step,
    code: 2,
    oom: false,
    tail: ["ip_vs_core.c:12: error: 'struct ip_vs_conn' has no member", 'make: *** [ip_vs_core.o] Error 1'],
  } as const;
  return timed([
    [0, runStarted],
    [0.1, { type: 'step-started', step, why: 'never made before', log: 'runs/R1/rebuild.log' }],
    ...Array.from({ length: 60 }, (_, index): readonly [number, FactoryEvent] => [
      1 + index / 10,
      { type: 'log', step, stream: 'stdout', line: `line ${index + 1}` },
    ]),
    [30, { type: 'step-failed', step, failure, log: 'runs/R1/rebuild.log', ms: 29_900 }],
    [30, { type: 'step-skipped', step: 'sign:kernel-director', because: step }],
    [30, { type: 'step-skipped', step: 'snapshot', because: 'sign:kernel-director' }],
    [30, { type: 'run-finished', ok: false, ms: 30_000, failures: [{ step, failure }] }],
  ]);
}
