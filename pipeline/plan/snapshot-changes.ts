import { z } from 'zod';

/** What of a snapshot is compared with another one. */
export interface SnapshotContents {
  /** NEVRA of a binary package (without its epoch, as its file is called) -> sha256. */
  readonly packages: ReadonlyMap<string, string>;
  /** null where no provenance says how it was made. */
  readonly made: Made | null;
}

/** By package of the recipe and name: sha256 of patches, values of configuration symbols. */
interface Made {
  readonly patches: ReadonlyMap<string, string>;
  readonly config: ReadonlyMap<string, string>;
}

/** One thing that differs; null: it is not there. */
export interface Change {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What became different from one snapshot to the next, each sorted by name. */
export interface SnapshotChanges {
  readonly packages: readonly Change[];
  /** `package: file`. null where one of the two has no provenance. */
  readonly patches: readonly Change[] | null;
  /** `package: SYMBOL`; null likewise. */
  readonly config: readonly Change[] | null;
}

const values = z.object({ values: z.record(z.string(), z.string()) }).nullish();
const provenance = z.object({
  predicate: z.object({
    buildDefinition: z.object({
      externalParameters: z.object({
        packages: z.array(
          z.object({
            name: z.string(),
            assemble: z.object({
              configSet: values,
              configAdd: values,
              patches: z.object({ files: z.array(z.object({ path: z.string(), sha256: z.string() })) }).nullish(),
            }),
            rebuild: z.object({ config: values }),
          }),
        ),
      }),
    }),
  }),
});

/**
 * Contents of a snapshot from the text of its SHA256SUMS and of its provenance.json (undefined: it has none). A provenance of a
 * shape that is not known here says nothing.
 */
export function snapshotContents(sums: string, statement: string | undefined): SnapshotContents {
  const packages = [...sums.matchAll(/^([0-9a-f]{64}) {2}RPMS\/(.+)\.rpm$/gm)].map(
    ([, digest = '', nevra = '']) => [nevra, digest] as const,
  );
  return { packages: new Map(packages), made: statement === undefined ? null : madeOf(statement) };
}

function madeOf(statement: string): Made | null {
  const parsed = provenance.safeParse(parseJson(statement));
  if (!parsed.success) return null;
  const patches = new Map<string, string>();
  const config = new Map<string, string>();
  for (const { name, assemble, rebuild } of parsed.data.predicate.buildDefinition.externalParameters.packages) {
    for (const { path, sha256 } of assemble.patches?.files ?? [])
      patches.set(`${name}: ${path.slice(path.lastIndexOf('/') + 1)}`, sha256);
    // What is set, what is added, and what the finished configuration has to have: the last word counts.
    for (const one of [assemble.configSet, assemble.configAdd, rebuild.config])
      for (const [symbol, value] of Object.entries(one?.values ?? {})) config.set(`${name}: ${symbol}`, value);
  }
  return { patches, config };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What differs between two snapshots. */
export function snapshotChanges(before: SnapshotContents, after: SnapshotContents): SnapshotChanges {
  const both = before.made === null || after.made === null ? null : { before: before.made, after: after.made };
  return {
    packages: changesOf(before.packages, after.packages),
    patches: both && changesOf(both.before.patches, both.after.patches),
    config: both && changesOf(both.before.config, both.after.config),
  };
}

function changesOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Change[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }))
    .filter((one) => one.before !== one.after);
}
