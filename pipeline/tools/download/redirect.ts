/** Why the last hop of a chain of redirects must not be followed, or null. */
export function refusesRedirect(chain: readonly (URL | string)[], sha256: string | null): string | null {
  const protocols = chain.map((url) => new URL(url).protocol);
  // With a digest the way does not matter; without one TLS was all that vouched for the bytes.
  const downgrade = protocols.at(-1) === 'http:' && protocols.includes('https:');
  return downgrade && sha256 === null ? 'redirect from https to http without a known digest' : null;
}
