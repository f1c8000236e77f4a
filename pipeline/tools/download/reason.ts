import { maskCredentials } from './mirror-url.ts';
import type { Failed } from './outcome.ts';
import { later, refused } from './outcome.ts';
import type { DownloadLimits } from './limits.ts';

const PASSING: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'name lookup failed',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection reset',
  EPIPE: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
};
const LASTING: Readonly<Record<string, string>> = {
  ERR_UNSUPPORTED_PROTOCOL: 'redirect to an unsupported scheme',
  ENOTFOUND: 'name not found',
  CERT_HAS_EXPIRED: 'TLS certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS certificate chain has a self-signed certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS certificate of an unknown issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS certificate of an unknown issuer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS certificate is for another name',
};

/** Milliseconds in words: `30 s`, `0.05 s`. */
export const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(3))} s`;

/** Words for an error of the HTTP client, and whether trying again makes sense. */
export function failedRequest(
  error: { readonly name: string; readonly code?: string; readonly message: string; readonly event?: unknown },
  limits: DownloadLimits,
): Failed {
  if (error.name === 'MaxRedirectsError') return refused(`more than ${limits.redirects} redirects`);
  if (error.name === 'TimeoutError') {
    return error.event === 'response'
      ? later(`no answer within ${seconds(limits.responseMs)}`)
      : later(`no connection within ${seconds(limits.connectMs)}`);
  }
  const code = error.code ?? '';
  const passing = PASSING[code];
  if (passing !== undefined) return later(passing);
  const lasting = LASTING[code];
  if (lasting !== undefined) return refused(lasting);
  if (code.startsWith('HPE_')) return later('not a valid HTTP answer');
  return refused(maskCredentials(error.message));
}
