/** What can be wrong with an archive that `factory export` made; a part of Failure. */
export type ExchangeFailure =
  /** It is not what it should be, and nothing of it is used. `member`: the file in it; null: the archive itself. */
  | {
      readonly kind: 'ExchangeInvalid';
      readonly file: string;
      readonly member: string | null;
      readonly reason: string;
    }
  /** The ledger has a record of the same key that made something else. Outputs are lines of kind, name and digest. */
  | {
      readonly kind: 'ExchangeConflict';
      readonly file: string;
      readonly step: string;
      readonly key: string;
      readonly here: readonly string[];
      readonly there: readonly string[];
    };
