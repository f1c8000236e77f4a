/** When a download gives up, waits or refuses. All times in milliseconds. */
export interface DownloadLimits {
  /** Tries per mirror; a try that brought at least `freeTryBytes` does not count. */
  readonly tries: number;
  /** Wait before the second try; doubles up to eight times this. */
  readonly backoffMs: number;
  /** The longest Retry-After that is waited for; a mirror that asks for more is given up. */
  readonly retryAfterMs: number;
  /** Name lookup, TCP and TLS, each. */
  readonly connectMs: number;
  /** From the sent request to the answer's headers. */
  readonly responseMs: number;
  /** The longest silence inside a body. */
  readonly stallMs: number;
  readonly redirects: number;
  /** For files whose size is not locked. */
  readonly maxBytes: number;
  readonly freeTryBytes: number;
  /** At most one progress report per so long. */
  readonly progressMs: number;
}

export const DEFAULT_LIMITS: DownloadLimits = {
  tries: 4,
  backoffMs: 500,
  retryAfterMs: 60_000,
  connectMs: 15_000,
  responseMs: 30_000,
  stallMs: 30_000,
  redirects: 10,
  maxBytes: 4 * 1024 ** 3,
  freeTryBytes: 1024 ** 2,
  progressMs: 250,
};
