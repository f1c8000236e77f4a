import { nextPointer, type Pointer, pointerText } from '../../pipeline/plan/pointer.ts';
import type { SigningKey } from './signing-key.ts';

/** A signed pointer for tests: valid for thirty days from `now`, `change` as wished. */
export function signedPointer(
  key: Pick<SigningKey, 'clearSign'>,
  to: { readonly recipe: string; readonly snapshot: string },
  { now = new Date(), ...change }: Partial<Pointer> & { readonly now?: Date } = {},
): string {
  return key.clearSign(pointerText({ ...nextPointer(undefined, { ...to, validDays: 30 }, now), ...change }));
}
