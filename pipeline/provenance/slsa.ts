import type { FileRef } from '../plan/params.ts';
import type { StageName } from '../plan/step.ts';
import type { PastStep } from '../run/history.ts';
import { type Account, packagesOf, pastOf, unsignedOf } from './account.ts';
import { dependenciesOf } from './dependencies.ts';
import { withoutScripts } from './file-refs.ts';
import type { ResourceDescriptor, SlsaProvenance, Statement } from './in-toto.ts';

/** What a verifier has to know to read the parameters: docs/provenance.md. The host does not exist, the name is ours. */
const BUILD_TYPE = 'https://fullnat-factory.invalid/build-types/rpm-snapshot/v1';
/** Whoever holds the repository's key runs the factory; the signature says who that is. */
const BUILDER_ID = 'https://fullnat-factory.invalid/builders/factory/v1';

/**
 * How a snapshot was made, as an in-toto statement with SLSA provenance. Subjects are the packages as published, which is
 * what somebody who has one can look up. Their signatures carry a time, so what a rebuild can be compared with are the
 * digests before signing: those are by-products.
 */
export function provenanceOf(account: Account): Statement<SlsaProvenance> {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: account.packages.map(({ path, digest }) => ({ name: path, digest: { sha256: digest } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: externalParameters(account),
        internalParameters: { steps: account.history.map(stepEntry) },
        resolvedDependencies: dependenciesOf(account),
      },
      runDetails: {
        builder: { id: BUILDER_ID },
        metadata: { invocationId: `sha256:${account.key}` },
        byproducts: byproducts(account),
      },
    },
  };
}

/** What the recipe says: everything that somebody who wants another result would change. */
function externalParameters({ recipe, extends: extended, epoch, history }: Account): Readonly<Record<string, unknown>> {
  return {
    recipe,
    ...(extended.length === 0 ? {} : { extends: extended }),
    sourceDateEpoch: epoch,
    packages: packagesOf(history).map(({ name, assemble, rebuild }) => ({
      name,
      assemble: withoutScripts(assemble.step.params),
      rebuild: withoutScripts(rebuild.step.params),
    })),
  };
}

/** What the factory did: every step with its stage's version, its scripts, and the digests that went in and came out. */
function stepEntry({ step, record }: PastStep): Readonly<Record<string, unknown>> {
  return {
    id: step.id,
    stage: step.stage,
    version: record.identity.version,
    key: record.key,
    ...(TOLD.has(step.stage) ? { params: withoutScripts(step.params) } : {}),
    scripts: scriptsOf(step.params),
    inputs: record.identity.inputs,
    outputs: record.outputs.map(({ kind, name, digest, size }) => ({ kind, name, digest, size })),
  };
}

/** In the order of the params: with them, the params are complete, and the key follows from what is told. */
function scriptsOf(params: object): readonly { readonly path: string; readonly sha256: string }[] {
  const scripts = 'scripts' in params ? (params.scripts as readonly FileRef[]) : [];
  return scripts.map(({ path, sha256 }) => ({ path, sha256 }));
}

/**
 * Stages whose params are told. Those of packages are among the external parameters; where a key lies and what an image is
 * called on somebody's machine is not published, so a new stage is not in here by itself.
 */
const TOLD: ReadonlySet<StageName> = new Set([
  ...(['fetch-http', 'fetch-file', 'fetch-apt', 'verify-srpm', 'extract-member', 'repack-tree'] as const),
  ...(['base-image', 'builder-image', 'sign'] as const),
]);

function byproducts({ history, packages }: Account): ResourceDescriptor[] {
  const known = packagesOf(history);
  const unsigned = packages.map(({ path }): ResourceDescriptor => {
    const { package: of, digest } = unsignedOf(known, path.slice(path.lastIndexOf('/') + 1));
    return {
      name: `unsigned/${path}`,
      digest: { sha256: digest },
      annotations: { kind: 'unsigned', package: of.name, signed: path },
    };
  });
  const configs = pastOf(history, 'rebuild-srpm').flatMap(({ step, record }) =>
    record.outputs
      .filter(({ kind }) => kind === 'config')
      .map(({ name, digest }): ResourceDescriptor => {
        const { package: of } = step.params;
        return { name: `${of}/${name}`, digest: { sha256: digest }, annotations: { kind: 'config', package: of } };
      }),
  );
  return [...unsigned, ...configs];
}
