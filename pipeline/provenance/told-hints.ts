import type { Step, Stages } from '../plan/step.ts';
import type { ToldDocuments } from './told-documents.ts';
import type { ToldStep } from './told-steps.ts';

/** What the steps of a provenance do not say themselves. Hints decide no byte: they come from the checkout where it has such a step. */
export interface HintSources extends Pick<
  ToldDocuments,
  'uri' | 'version' | 'engineImage' | 'baseIdentity' | 'contents'
> {
  /** The checkout's step of that id. */
  readonly step: (id: string) => Step | undefined;
  /** Where to look first, without the file's name: directories and URLs. */
  readonly mirrors: readonly string[];
}

/** More than any kernel needed. */
const TREE_BYTES = 12 * 1024 ** 3;

/** Hints for a told step. Nothing of them is in a key. */
export function hintsFor({ id, stage, inputs, outputs, params }: ToldStep, sources: HintSources): object {
  const here = sources.step(id);
  const mirrored = (file: string): string[] => sources.mirrors.map((one) => `${one}/${file}`);
  switch (stage) {
    case 'fetch-http': {
      const known = here?.stage === 'fetch-http' ? here.hints.urls : [];
      const uri = sources.uri(id);
      const told = uri !== undefined && /^(https?|ftp|file):/.test(uri) ? [uri] : [];
      const urls = [...new Set([...mirrored(String(params?.file)), ...told, ...known])];
      return { urls, vouched: true } satisfies Stages['fetch-http']['hints'];
    }
    case 'fetch-apt': {
      const [source, upstreamVersion] = [outputs.find(({ kind }) => kind === 'source'), sources.version(id)];
      if (source === undefined || upstreamVersion === undefined)
        return { locked: null, urls: [] } satisfies Stages['fetch-apt']['hints'];
      const { name: file, size } = source;
      return { locked: { file, size, upstreamVersion }, urls: mirrored(file) } satisfies Stages['fetch-apt']['hints'];
    }
    case 'verify-srpm': {
      const known = here?.stage === 'verify-srpm' ? here.hints : { given: [], imagePaths: [], urls: {} };
      const imagePaths = known.imagePaths.length === (inputs.images ?? []).length ? known.imagePaths : [];
      return { ...known, imagePaths } satisfies Stages['verify-srpm']['hints'];
    }
    case 'base-image': {
      const requires = here?.stage === 'base-image' ? here.hints.requires : [];
      return { requires, vendored: null, registry: null, fresh: false } satisfies Stages['base-image']['hints'];
    }
    case 'builder-image': {
      const set = outputs.find(({ kind }) => kind === 'packages');
      const text = set && sources.contents.get(set.digest)?.toString('utf8');
      const packages = text === undefined ? null : text.trimEnd().split('\n');
      return { packages, vendored: null, registry: null, fresh: false } satisfies Stages['builder-image']['hints'];
    }
    case 'rebuild-srpm': {
      const plain = { objects: null, treeBytes: TREE_BYTES, memoryBytes: null };
      const known = here?.stage === 'rebuild-srpm' ? here.hints : plain;
      // What a cache knows came from the build that is being checked.
      return { ...known, ccache: null } satisfies Stages['rebuild-srpm']['hints'];
    }
    default:
      return {};
  }
}

/** What somebody would get today must be what was got then: as if a lock said so. */
export function pinnedTo(step: Step, { id, outputs }: ToldStep, { baseIdentity }: HintSources): Step {
  const output = (kind: string) => outputs.find((one) => one.kind === kind);
  if (step.stage === 'fetch-http') {
    const { digest: sha256 = null, size = null } = output('source') ?? {};
    return { ...step, params: { ...step.params, sha256, size } };
  }
  if (step.stage === 'fetch-apt')
    return { ...step, params: { ...step.params, sha256: output('source')?.digest ?? null } };
  if (step.stage === 'base-image')
    return { ...step, params: { ...step.params, locked: baseIdentity(id) ?? step.params.locked } };
  if (step.stage === 'builder-image')
    return { ...step, params: { ...step.params, locked: output('packages')?.digest ?? null } };
  return step;
}
