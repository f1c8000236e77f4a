/** How one try at one mirror ended. */
export type Outcome = { readonly kind: 'complete' } | Failed;

/** A try that failed. */
export interface Failed {
  readonly kind: 'failed';
  /** Clear words, without credentials. */
  readonly reason: string;
  /** `no`: leave this mirror; `backoff`: wait, then go on; `now`: go on at once. */
  readonly again: 'no' | 'backoff' | 'now';
  /** Whether the bytes so far may be resumed from. */
  readonly keep: boolean;
  /** What Retry-After asked for, in milliseconds; null: use the usual backoff. */
  readonly waitMs: number | null;
}

/** The mirror cannot serve this file; what other mirrors brought stays usable. */
export const refused = (reason: string): Failed => ({ kind: 'failed', reason, again: 'no', keep: true, waitMs: null });

/** The bytes so far are worthless and this mirror would send the same again. */
export const useless = (reason: string): Failed => ({ kind: 'failed', reason, again: 'no', keep: false, waitMs: null });

/** Worth another try in a moment, going on where this one stopped. */
export const later = (reason: string, waitMs: number | null = null): Failed => ({
  kind: 'failed',
  reason,
  again: 'backoff',
  keep: true,
  waitMs,
});

/** The bytes so far cannot be continued here: drop them and ask for all. */
export const startOver = (reason: string): Failed => ({
  kind: 'failed',
  reason,
  again: 'now',
  keep: false,
  waitMs: null,
});
