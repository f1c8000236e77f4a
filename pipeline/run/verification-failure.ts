/** What was made or published is not what it should be; a part of Failure. */
export type VerificationFailure =
  | {
      readonly kind: 'ChecksFailed';
      readonly step: string;
      readonly checks: readonly { readonly id: string; readonly want: string; readonly got: string }[];
    }
  /** Director, backend and tools do not belong together: what differs, with what is there and what should be. */
  | {
      readonly kind: 'PairMismatch';
      readonly step: string;
      readonly checks: readonly { readonly id: string; readonly want: string; readonly got: string }[];
    }
  | { readonly kind: 'StoreCorrupt'; readonly digest: string; readonly got: string; readonly path: string }
  | { readonly kind: 'SnapshotInvalid'; readonly snapshot: string; readonly problems: readonly string[] }
  /** Something that a provenance names, and that building again from it needs, cannot be had. */
  | {
      readonly kind: 'ToldMissing';
      readonly snapshot: string;
      readonly missing: readonly { readonly what: string; readonly lines: readonly string[] }[];
    }
  | { readonly kind: 'FileChanged'; readonly path: string; readonly want: string; readonly got: string };
