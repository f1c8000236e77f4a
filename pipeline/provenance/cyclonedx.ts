import { createHash } from 'node:crypto';
import type { SnapshotFile } from '../plan/snapshot.ts';
import { canonicalJson } from '../run/canonical-json.ts';
import { type Account, type PackageHistory, packagesOf, type Unsigned, unsignedOf } from './account.ts';
import {
  ancestorOf,
  diffUrl,
  packageComponent,
  patchComponent,
  patchRef,
  upstreamComponent,
  upstreamRef,
} from './components.ts';
import type { Bom, Component, Dependency, Pedigree } from './cyclonedx-types.ts';
import { patchesOf } from './patches.ts';
import { type IndexedPackage, parsePrimary } from './primary.ts';
import { rpmPurl } from './purl.ts';
import { upstreamOf, type UpstreamFile } from './upstream.ts';

/** A published package with all that is known about it. */
interface Published {
  readonly file: SnapshotFile;
  readonly indexed: IndexedPackage;
  readonly unsigned: Unsigned;
}

/**
 * The bill of materials of a snapshot: packages, source packages, upstream files, patches, and what was made of what.
 * `primary`: the text of the repository's primary.xml. Equal contents give equal bytes: the serial number comes from the
 * contents, the time is the recipe's.
 */
export function sbomOf(account: Account, primary: string): Bom {
  const index = parsePrimary(primary);
  const known = packagesOf(account.history);
  const published = account.packages.map((file): Published => {
    const indexed = index.get(file.path);
    if (indexed === undefined) throw new Error(`the index does not know ${file.path}`);
    return { file, indexed, unsigned: unsignedOf(known, file.path.slice(file.path.lastIndexOf('/') + 1)) };
  });
  const root: Component = { type: 'platform', 'bom-ref': 'snapshot', name: account.recipe };
  const materials = known.map((one) => materialsOf(account, one));
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(account.epoch * 1000).toISOString(),
      tools: { components: [{ type: 'application', name: 'fullnat-factory' }] },
      component: root,
    },
    components: [
      ...published.map((one) => componentOf(account, one, published)),
      ...unique(materials.flatMap(({ sources }) => sources.map((source) => upstreamComponent(source)))),
      ...unique(known.flatMap((one) => patchesOf(one).map(patchComponent))),
    ],
    dependencies: dependencies(published, materials),
  } as const;
  return { ...bom, serialNumber: serialNumber(bom) };
}

/** The files that a package was made of, patches or archives of patches among them. */
function materialsOf(account: Account, one: PackageHistory): { of: PackageHistory; sources: readonly UpstreamFile[] } {
  const { sources, patches, srpm } = one.assemble.step.inputs;
  return { of: one, sources: [...srpm, ...sources, ...patches].flatMap(({ step }) => upstreamOf(account, step)) };
}

/** A source package descends from upstream's files, a binary package from its source package; both carry the patches. */
function componentOf(account: Account, { file, indexed, unsigned }: Published, all: readonly Published[]): Component {
  const { package: of, kind } = unsigned;
  const { sources, srpm } = of.assemble.step.inputs;
  const ancestors =
    kind === 'srpm'
      ? uniqueBy(
          [...srpm, ...sources].flatMap(({ step }) => upstreamOf(account, step)),
          ({ digest }) => digest,
        ).map((source) => upstreamComponent(source, true))
      : sourcePackages(of, all).map((source) => ancestorOf(source.file, source.indexed));
  const patches = patchesOf(of).map((patch) => ({ type: 'unofficial', diff: { url: diffUrl(patch) } }) as const);
  const pedigree: Pedigree = { ancestors, patches };
  return packageComponent(file, indexed, unsigned, pedigree);
}

function sourcePackages(of: PackageHistory, all: readonly Published[]): readonly Published[] {
  return all.filter(({ unsigned }) => unsigned.kind === 'srpm' && unsigned.package === of);
}

function dependencies(
  published: readonly Published[],
  materials: readonly ReturnType<typeof materialsOf>[],
): Dependency[] {
  const rows = published.map(({ indexed, unsigned }): Dependency => {
    const madeOf =
      unsigned.kind === 'rpm'
        ? sourcePackages(unsigned.package, published).map((source) => rpmPurl(source.indexed))
        : [
            ...materials.filter(({ of }) => of === unsigned.package).flatMap(({ sources }) => sources.map(upstreamRef)),
            ...patchesOf(unsigned.package).map(patchRef),
          ];
    return { ref: rpmPurl(indexed), dependsOn: [...new Set(madeOf)] };
  });
  return [{ ref: 'snapshot', dependsOn: published.map(({ indexed }) => rpmPurl(indexed)) }, ...rows];
}

function unique(components: readonly Component[]): readonly Component[] {
  return uniqueBy(components, (one) => one['bom-ref'] ?? '');
}

function uniqueBy<T>(items: readonly T[], name: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [name(item), item])).values()];
}

/** A UUID of version 8 (RFC 9562: bits as one likes): the first of the sha256 of everything else. */
function serialNumber(bom: object): string {
  const hex = createHash('sha256').update(canonicalJson(bom)).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
