import type { PastStep } from '../run/history.ts';
import type { SlsaProvenance, Statement } from './in-toto.ts';

/** A package as a snapshot's provenance tells of it. */
export interface ToldPackage {
  /** `RPMS/…` or `SRPMS/…`. */
  readonly path: string;
  /** sha256 of the signed file, and of what was built. */
  readonly signed: string;
  readonly unsigned: string;
  /** Which of the recipe's packages it is of. */
  readonly package: string;
}

/** The packages of a provenance. Throws a TypeError when a subject has no digest from before it was signed. */
export function toldPackages({ subject, predicate }: Statement<SlsaProvenance>): readonly ToldPackage[] {
  const { byproducts } = predicate.runDetails;
  return subject.map(({ name, digest }) => {
    const before = byproducts.find(
      ({ annotations }) => annotations?.kind === 'unsigned' && annotations.signed === name,
    );
    const [unsigned, of] = [before?.digest?.sha256, before?.annotations?.package];
    if (digest.sha256 === undefined || unsigned === undefined || typeof of !== 'string')
      throw new TypeError(`provenance.json: no digest of ${name} before it was signed`);
    return { path: name, signed: digest.sha256, unsigned, package: of };
  });
}

/** A package that was built again. */
export interface RebuiltFile {
  readonly path: string;
  /** sha256; null: it is only on the other side. */
  readonly published: string | null;
  readonly rebuilt: string | null;
}

/** Told and built packages of one package side by side, by path. */
export function sideBySide(told: readonly ToldPackage[], built: readonly PastStep['record'][]): readonly RebuiltFile[] {
  const now = new Map(
    built.flatMap(({ outputs }) =>
      outputs.flatMap(({ kind, name, digest }): [string, string][] =>
        kind === 'rpm' || kind === 'srpm' ? [[`${kind === 'rpm' ? 'RPMS' : 'SRPMS'}/${name}`, digest]] : [],
      ),
    ),
  );
  const before = new Map(told.map(({ path, unsigned }) => [path, unsigned]));
  return [...new Set([...before.keys(), ...now.keys()])].sort().map((path) => ({
    path,
    published: before.get(path) ?? null,
    rebuilt: now.get(path) ?? null,
  }));
}

/**
 * Whether steps were made with the very inputs, params and scripts that the provenance tells of. A step's key says all of
 * that; without the keys, equal digests would be luck and other digests no wonder.
 */
export function hasSameKeys({ predicate }: Statement<SlsaProvenance>, built: readonly PastStep['record'][]): boolean {
  const steps = predicate.buildDefinition.internalParameters.steps as readonly { id: string; key: string }[];
  return built.every(({ step, key }) => steps.some((told) => told.id === step && told.key === key));
}

/** One difference between a published package and the same built again, as compare-rpms.sh finds it. */
export interface Difference {
  readonly rpm: string;
  readonly kind: string;
  /** Path of a file in the package, or a header's tag. */
  readonly what: string;
  readonly published: string;
  readonly rebuilt: string;
}

/** Reads what compare-rpms.sh writes. Throws a TypeError on anything else. */
export function parseDifferences(text: string): readonly Difference[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [rpm, kind, what, published, rebuilt, ...more] = line.split('\t');
      if (rpm === undefined || kind === undefined || what === undefined || more.length > 0)
        throw new TypeError(`not a line of differences: ${JSON.stringify(line)}`);
      return { rpm, kind, what, published: published ?? '', rebuilt: rebuilt ?? '' };
    });
}
