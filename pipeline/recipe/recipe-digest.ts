import { createHash } from 'node:crypto';
import { asSha256, type Sha256 } from '../plan/artifact.ts';
import type { Recipe } from './recipe.ts';

/** Digest of what a recipe says, with the digests of all its files: comments and the order of keys in maps of fixed shape do not count. */
export function digestOf(recipe: Recipe): Sha256 {
  return asSha256(createHash('sha256').update(JSON.stringify(recipe)).digest('hex'));
}
