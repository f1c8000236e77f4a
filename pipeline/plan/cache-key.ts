import { createHash } from 'node:crypto';
import { canonicalJson } from '../run/canonical-json.ts';
import { selectSteps } from '../run/select.ts';
import { handlesOf, type Plan, type StageName } from './step.ts';

/** Names for a cache that is kept between machines, from the most to the least special. Each is the beginning of the one before. */
export interface CacheKeys {
  /** Everything that decides the packages: what lies under this name compiles nothing again. */
  readonly packages: string;
  /** The same sources in the same builder: other patches or configuration, so most objects come from the compiler cache. */
  readonly sources: string;
  /** Anything of the recipe: at least what was downloaded. */
  readonly recipe: string;
}

/** Stages that fetch or make what packages are built from and in. */
const SOURCES: ReadonlySet<StageName> = new Set([
  'fetch-http',
  'fetch-file',
  'fetch-apt',
  'verify-srpm',
  'extract-member',
  'repack-tree',
  'base-image',
  'builder-image',
] as const);
const PACKAGES: ReadonlySet<StageName> = new Set(['assemble-srpm', 'rebuild-srpm'] as const);

/**
 * Names from what a step's key is made of, as far as it is known before anything runs: stage, version, params, and in place of
 * the digests of inputs the same of the steps that make them. What comes under such a name is only a guess: every record and
 * object is still compared with the true key and hashed. Failures: Usage (a target that is not in the plan).
 */
export function cacheKeys(
  plan: Plan,
  versions: Readonly<Record<StageName, { readonly version: number }>>,
  targets?: readonly string[],
): CacheKeys {
  const known = new Map<string, string>();
  const sources: string[] = [];
  const packages: string[] = [];
  for (const step of selectSteps(plan, targets).steps) {
    const { stage, params } = step;
    const inputs = handlesOf(step).map(({ role, handle }) => [role, known.get(handle.step) ?? '', handle.kind]);
    const digest = hash(canonicalJson({ stage, version: versions[stage].version, params, inputs }));
    known.set(step.id, digest);
    if (SOURCES.has(stage)) sources.push(digest);
    if (PACKAGES.has(stage)) packages.push(digest);
  }
  const recipe = `${plan.recipe}-`;
  const both = `${recipe}${short(sources)}-`;
  return { packages: `${both}${short(packages)}`, sources: both, recipe };
}

const short = (digests: readonly string[]): string => hash([...digests].sort().join('\n')).slice(0, 16);

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
