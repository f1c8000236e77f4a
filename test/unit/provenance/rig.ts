import { createHash } from 'node:crypto';
import { asSha256, type Artifact, type ArtifactKind, type Sha256 } from '../../../pipeline/plan/artifact.ts';
import type { PlanOptions } from '../../../pipeline/plan/plan-factory.ts';
import type { Plan, Step, StepOf } from '../../../pipeline/plan/step.ts';
import type { Account } from '../../../pipeline/provenance/account.ts';
import { fileRefsIn } from '../../../pipeline/provenance/file-refs.ts';
import { prepare } from '../../../pipeline/run/prepare.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import { planNamed } from '../plan/recipes.ts';

/** The sha256 of a text. */
export function sha256(text: string): Sha256 {
  return asSha256(createHash('sha256').update(text).digest('hex'));
}

/** What differs between runs and must not be seen in a document. */
export interface Circumstances {
  readonly startedAt: string;
  readonly runId: string;
  readonly engineId: string;
}

/**
 * The account of a snapshot of a real recipe, as if every step had been made, and the index that createrepo_c would make.
 * Files of ours have the digest of their path, so that editing one changes no golden file.
 */
export async function accountOf(
  name: 'hello' | 'lts' | 'el6',
  options: Partial<PlanOptions> = {},
  circumstances: Circumstances = { startedAt: '2026-01-02T03:04:05Z', runId: 'run', engineId: 'sha256:e' },
): Promise<{ account: Account; primary: string }> {
  const plan = await planOf(name, options);
  const steps = new Map(plan.steps.map((step) => [step.id, step]));
  const documents = new Map(
    fileRefsIn(plan.steps.map(({ params }) => params)).map(({ root, path, sha256: digest }) => [
      digest as string,
      Buffer.from(`${root}/${path}`),
    ]),
  );
  const records = new Map<string, StepRecord>();
  for (const step of plan.steps) {
    const prepared = prepare(step, 1, steps, records);
    const inputs = Object.values(prepared.inputs).flat() as Artifact[];
    if (step.stage === 'snapshot') {
      const packages = inputs
        .filter(({ kind }) => kind.startsWith('signed-'))
        .map(({ kind, name: file, digest, size }) => ({
          path: `${kind === 'signed-rpm' ? 'RPMS' : 'SRPMS'}/${file}`,
          digest,
          size,
        }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
      const { recipe, extends: extended = [], epoch, upstream } = step.params;
      const { key, history } = prepared;
      const account = { recipe, extends: extended, epoch, key, packages, history, upstream, documents };
      return { account, primary: primaryOf(packages.map(({ path }) => path)) };
    }
    const { startedAt, runId, engineId } = circumstances;
    const outputs = outputsOf(step, inputs, documents).map((output) =>
      output.kind === 'image' ? { ...output, engineId } : output,
    );
    const { key, identity } = prepared;
    const rest = { facts: { startedAt }, startedAt, ms: startedAt.length, log: runId, runId };
    records.set(step.id, { schema: 1, key, step: step.id, identity, outputs, ...rest });
  }
  throw new Error('no snapshot in the plan');
}

const plans = new Map<string, Promise<Plan>>();

/** Reading a recipe takes most of the time of these tests. */
function planOf(name: 'hello' | 'lts' | 'el6', options: Partial<PlanOptions>): Promise<Plan> {
  const known = `${name} ${JSON.stringify(options)}`;
  const plan = plans.get(known) ?? planNamed(name, options).then(withStableFiles);
  plans.set(known, plan);
  return plan;
}

function withStableFiles(plan: Plan): Plan {
  const text = JSON.stringify(plan, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('sha256' in value) || !('root' in value)) return value;
    const { root, path } = value as unknown as { root: string; path: string };
    return { root, path, sha256: sha256(`${root}/${path}`) };
  });
  return JSON.parse(text) as Plan;
}

function outputsOf(step: Step, inputs: readonly Artifact[], documents: Map<string, Buffer>): Artifact[] {
  const made = (kind: ArtifactKind, name: string, digest = sha256(`${step.id} ${name}`)): Artifact => {
    return { kind, name, digest, size: name.length };
  };
  const document = (kind: ArtifactKind, name: string, value: object): Artifact => {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    documents.set(sha256(bytes.toString()), bytes);
    return made(kind, name, sha256(bytes.toString()));
  };
  switch (step.stage) {
    case 'fetch-http':
      return [made('source', step.params.file), made('origin', `${step.params.file}.origin.json`)];
    case 'verify-srpm':
      return [...inputs.filter(({ kind }) => kind === 'source'), made('evidence', 'signature.json')];
    case 'fetch-file':
      return [made('source', step.params.file.path, step.params.file.sha256)];
    case 'fetch-apt': {
      const info = { package: step.params.package, version: '1:2.3-4', upstreamVersion: '2.3' };
      return [made('source', `${info.package}_2.3.tar.xz`), document('source-info', 'info.json', info)];
    }
    case 'extract-member':
    case 'repack-tree':
      return [made('source', step.params.file)];
    case 'base-image': {
      const { name, digest } = step.params;
      const base = `registry:${digest}`;
      return [document('image', name, { schema: 1, name, base, context: null, packages: null })];
    }
    case 'builder-image': {
      const { name } = step.params;
      const set = Buffer.from(`packages of ${name}`);
      const packages = sha256(set.toString());
      documents.set(packages, set);
      const about = { schema: 1, name, base: inputs[0]?.digest, context: sha256(`context of ${name}`), packages };
      return [document('image', name, about), made('packages', `${name}-packages.txt`, packages)];
    }
    case 'given-image': {
      const base = 'engine:sha256:0123';
      return [
        document('image', step.params.name, { schema: 1, name: step.params.name, base, context: null, packages: null }),
      ];
    }
    case 'assemble-srpm':
      return [made('srpm', `${step.params.package}-1-1.src.rpm`)];
    case 'rebuild-srpm':
      return rebuilt(step, made);
    case 'sign':
      return inputs
        .filter(({ kind }) => kind === 'rpm' || kind === 'srpm')
        .map(({ kind, name }) => made(kind === 'rpm' ? 'signed-rpm' : 'signed-srpm', name));
    case 'signing-key':
      return [made('public-key', 'RPM-GPG-KEY-0123')];
    case 'verify-pair':
      return [made('pair', 'pair.json')];
    case 'install-manifest':
      return [made('install-manifest', `${step.params.role}.json`), made('devices', `${step.params.role}.devices`)];
    case 'cross-check':
    case 'verify-boot':
    case 'verify-install':
    case 'snapshot':
    case 'publish':
      return [made('evidence', `${step.id}.json`)];
  }
}

function rebuilt({ params }: StepOf<'rebuild-srpm'>, made: (kind: ArtifactKind, name: string) => Artifact): Artifact[] {
  const release = params.package.replaceAll('-', '_');
  const rpms = params.produces.map((name) => made('rpm', `${name}-1-1.${release}.x86_64.rpm`));
  return params.config === null ? rpms : [...rpms, made('config', 'final.config')];
}

/** In createrepo_c's words. */
function primaryOf(paths: readonly string[]): string {
  const packages = paths.map((path) => {
    const { name, release, arch } = /\/(?<name>.+)-1-(?<release>[^-]+)\.(?<arch>[^.]+)\.rpm$/.exec(path)?.groups ?? {};
    return `<package type="rpm">
  <name>${name ?? ''}</name>
  <arch>${arch ?? ''}</arch>
  <version epoch="0" ver="1" rel="${release ?? ''}"/>
  <checksum type="sha256" pkgid="YES">${sha256(path)}</checksum>
  <summary>Says hello &amp; more</summary>
  <description>d</description>
  <location href="${path}"/>
  <format>
    <rpm:license>GPLv2</rpm:license>
  </format>
</package>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="${paths.length}">
${packages.join('\n')}
</metadata>\n`;
}
