import { createHash } from 'node:crypto';
import type { PairSide } from '../plan/pair.ts';
import { canonicalJson } from '../run/canonical-json.ts';
import type { PairFacts } from './verify-pair-facts.ts';
import type { PairCheck } from './verify-pair-kernels.ts';

/** A package of a pair. */
export interface PairMember {
  readonly side: PairSide | 'tools';
  /** File name without .rpm. */
  readonly nevra: string;
  /** sha256 over header and payload: all that a signature vouches for, and not the signature itself. */
  readonly contentSha256: string;
}

/** pair.json: which kernels and tools belong together, and what that was seen by. The same for the same packages. */
export interface PairDocument {
  readonly schema: 1;
  /** 16 hex digits; hosts that work together must have the same. */
  readonly id: string;
  readonly recipe: string;
  /** Number of the TCP option that carries the client's address. */
  readonly toaOption: number;
  readonly members: readonly PairMember[];
  readonly ok: true;
  readonly checks: readonly PairCheck[];
}

/** The packages that the facts speak of, kernels first. */
export function membersOf(facts: PairFacts): PairMember[] {
  return (['director', 'backend', 'tools'] as const).flatMap((side) =>
    facts
      .of('rpm', side)
      .map(([nevra = '', contentSha256 = '']) => ({ side, nevra, contentSha256 }))
      .sort((a, b) => (a.nevra < b.nevra ? -1 : 1)),
  );
}

/** Follows from what the packages hold alone: neither from who signed them, nor from when or where they were made. */
export function pairId(toaOption: number, members: readonly PairMember[]): string {
  const text = canonicalJson({ schema: 1, toaOption, members: members.map((member) => ({ ...member })) });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** What a manifest says of a pair. Reads a pair.json's bytes, which only this program writes. */
export function pairSummary(bytes: Buffer): Pick<PairDocument, 'id' | 'toaOption'> {
  const { schema, id, toaOption } = JSON.parse(bytes.toString('utf8')) as PairDocument;
  if ((schema as number) !== 1) throw new TypeError(`pair of schema ${String(schema)}`);
  return { id, toaOption };
}
