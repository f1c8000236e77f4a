import { asSha256 } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import type { Path } from './document.ts';
import { normaliseBoot } from './normalise-boot.ts';
import { normaliseHost } from './normalise-host.ts';
import { normalisePair } from './normalise-pair.ts';
import { inOrder } from './order.ts';
import { imageContext, mentioned } from './read-files.ts';
import type { Reading } from './read-files.ts';
import { readPatches } from './read-patches.ts';
import { normaliseConfig } from './normalise-config.ts';
import type { Base, Package, Recipe, Source } from './recipe.ts';
import { filesOf, needReferences } from './rules-packages.ts';
import { memberReferences } from './rules-sources.ts';
import { unpackLimits } from './schema-limits.ts';
import type { PackageInput, RecipeInput, SourceInput } from './schema.ts';

/** Long enough for a monthly release, short enough that a mirror which stands still is noticed. */
const VALID_DAYS = 30;

/** Fills every gap and digests every file. What cannot be read is reported; the result counts only without reports. */
export function normalise(input: RecipeInput, reading: Reading): Recipe {
  const sources: Source[] = [];
  for (const name of ordered(memberReferences(input))) {
    const source = input.sources[name];
    if (source !== undefined) sources.push(normaliseSource(name, source, reading));
  }
  const packages: Package[] = [];
  for (const name of ordered(needReferences(input))) {
    const one = input.packages[name];
    if (one !== undefined) packages.push(normalisePackage(name, one, reading));
  }
  const builder = imageContext(reading, input.images.builder, ['images', 'builder', 'context']);
  return {
    name: input.name,
    extends: [],
    description: input.description,
    epoch: input.epoch,
    dist: input.dist,
    bases: Object.entries(input.bases).map(([name, base]) => normaliseBase(name, base, input, reading)),
    builder,
    target: imageContext(reading, input.images.target, ['images', 'target', 'context']),
    publisher:
      input.images.publisher === undefined
        ? builder
        : imageContext(reading, input.images.publisher, ['images', 'publisher', 'context']),
    limits: unpackLimits(input.limits),
    boot: readBoot(input, reading),
    keys: Object.entries(input.keys ?? {}).map(([name, key]) => ({
      name,
      fingerprint: key.fingerprint,
      image: key.image ?? null,
      urls: key.urls ?? [],
    })),
    sources,
    packages,
    roles: Object.entries(input.roles).map(([name, role]) => normaliseRole(name, role, reading)),
    pair: input.pair === undefined ? null : normalisePair(input.pair),
    signing: input.signing,
    publish: { baseUrl: input.publish.baseUrl, validDays: input.publish.validDays ?? VALID_DAYS },
  };
}

function normaliseRole(
  name: string,
  { packages, checks = [], host }: RecipeInput['roles'][string],
  reading: Reading,
): Recipe['roles'][number] {
  return {
    name,
    packages,
    checks: checks.map((check) => ('expected' in check ? check : { ...check, expected: 'exists' })),
    host: host === undefined ? null : normaliseHost(host, ['roles', name, 'host'], reading),
  };
}

function readBoot({ images, verify }: RecipeInput, reading: Reading): Recipe['boot'] {
  if (images.runner === undefined || verify?.boot === undefined) return null;
  const runner = imageContext(reading, images.runner, ['images', 'runner', 'context']);
  return { runner, how: normaliseBoot(verify.boot) };
}

function ordered(references: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const result = inOrder(references);
  // A cycle is reported already; the order no longer matters.
  return 'order' in result ? result.order : [...references.keys()];
}

const NOWHERE: FileRef = { root: 'recipe', path: '', sha256: asSha256('0'.repeat(64)) };

type BaseInput = RecipeInput['bases'][string];

function normaliseBase(name: string, base: BaseInput, input: RecipeInput, reading: Reading): Base {
  const at: Path = ['bases', name, 'bootstrap', 'script'];
  const script = base.bootstrap && mentioned(reading, 'factory', base.bootstrap.script, at);
  const rootfs = base.rootfs === undefined ? undefined : input.sources[base.rootfs];
  const from =
    base.rootfs !== undefined && rootfs?.kind === 'http'
      ? { rootfs: base.rootfs, sha256: asSha256(rootfs.sha256 ?? NOWHERE.sha256) }
      : { image: base.image ?? '', digest: base.digest ?? '' };
  return {
    name: `${name}-base`,
    from,
    bootstrap: base.bootstrap && script ? { suite: base.bootstrap.suite, script } : null,
    requires: base.requires ?? [],
  };
}

function normaliseSource(name: string, input: SourceInput, reading: Reading): Source {
  switch (input.kind) {
    case 'http': {
      const sha256 = input.sha256 === undefined ? null : asSha256(input.sha256);
      const mirrors = input.urls.map((one) => (typeof one === 'string' ? { url: one, key: null } : one));
      return { kind: 'http', name, mirrors, file: input.file, sha256, size: input.size ?? null };
    }
    case 'file': {
      const ref = mentioned(reading, 'recipe', input.path, ['sources', name, 'path']);
      return { kind: 'file', name, file: ref ?? NOWHERE };
    }
    case 'apt': {
      const apt = input.source === true ? 'source' : 'binary';
      return { kind: 'apt', name, apt, package: input.package, file: input.file ?? null };
    }
    case 'member':
      return { kind: 'member', name, of: input.of, path: input.path, file: input.file };
  }
}

function normalisePackage(name: string, input: PackageInput, reading: Reading): Package {
  const at: Path = ['packages', name];
  const files: FileRef[] = [];
  for (const { file, mention } of filesOf(input)) {
    const ref = mentioned(reading, 'recipe', file, [...at, ...mention]);
    if (ref !== undefined) files.push(ref);
  }
  return {
    name,
    group: input.group,
    role: input.role ?? null,
    spec: input.spec,
    srpm: input.srpm ?? null,
    sources: (input.sources ?? []).map(({ source, as }) => ({ source, as: as ?? null })),
    files,
    buildid: input.buildid ?? null,
    edits: input.edits ?? [],
    config: input.config === undefined ? null : normaliseConfig(input.config, files, reading),
    patches: input.patches ? readPatches(reading, input.patches, [...at, 'patches', 'dir']) : null,
    patchSources: input.patches?.sources ?? [],
    source: input.source ?? 'patch',
    patchedTree: input.patchedTree === undefined ? null : { ...input.patchedTree, drop: input.patchedTree.drop ?? [] },
    signedModules: input.modules === 'signed-by-fresh-key',
    defines: input.defines ?? {},
    with: input.with ?? [],
    needs: input.needs ?? [],
    produces: input.produces,
    optional: input.optional ?? [],
    ccache: input.ccache ?? name,
    objects: input.objects ?? null,
    treeBytes: (input.treeMiB ?? 512) * 1024 * 1024,
    memoryBytes: input.memoryMiB === undefined ? null : input.memoryMiB * 1024 * 1024,
  };
}
