import { canonicalJson } from '../run/canonical-json.ts';

/** JSON for people and for digests: sorted keys, two spaces, a newline at the end. */
export function documentBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`);
}
