import type { Ledger } from '../run/ledger.ts';
import type { StepRecord } from '../run/record.ts';

const IMAGES = new Set(['base-image', 'builder-image']);

/**
 * A ledger that has forgotten what was fetched, so that sources are resolved anew, and with `images` how images were made;
 * everything else stays cached.
 */
export function withoutFetched(ledger: Ledger, { images = false }: { readonly images?: boolean } = {}): Ledger {
  return {
    ...ledger,
    async get(key) {
      const record = await ledger.get(key);
      const stage = record?.identity.stage ?? '';
      return stage.startsWith('fetch-') || (images && IMAGES.has(stage)) ? undefined : record;
    },
  };
}

/**
 * A ledger that has forgotten how these packages were made, and does not learn it anew: what is built to be compared changes
 * nothing that a later build uses.
 */
export function withoutBuilt(ledger: Ledger, packages: ReadonlySet<string>): Ledger {
  const isOne = ({ identity: { stage, params } }: StepRecord): boolean =>
    (stage === 'assemble-srpm' || stage === 'rebuild-srpm') &&
    packages.has((params as { readonly package: string }).package);
  return {
    ...ledger,
    async get(key) {
      const record = await ledger.get(key);
      return record !== undefined && isOne(record) ? undefined : record;
    },
    put: async (record) => (isOne(record) ? undefined : ledger.put(record)),
    used: async (record) => (isOne(record) ? undefined : ledger.used(record)),
  };
}
