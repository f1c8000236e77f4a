import type { Ledger } from '../run/ledger.ts';

/** A ledger that has forgotten what was fetched, so that sources are resolved anew; everything else stays cached. */
export function withoutFetched(ledger: Ledger): Ledger {
  return {
    ...ledger,
    async get(key) {
      const record = await ledger.get(key);
      return record?.identity.stage.startsWith('fetch-') === true ? undefined : record;
    },
  };
}
