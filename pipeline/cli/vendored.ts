import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { basename, join } from 'node:path';
import type { PlanOptions } from '../plan/plan-factory.ts';
import type { VendoredDir } from '../plan/vendored.ts';
import { FactoryError } from '../run/failure.ts';
import { verifyFile } from '../tools/vendored.ts';
import { INDEX, invalid, readVendorIndex, vendoredDir } from '../tools/vendor-index.ts';

/**
 * Those of the mirrors that `factory vendor` made, and the key files in them, verified. Which key counts, the recipe's
 * fingerprints say. Failures: VendorInvalid, Usage (made for another recipe).
 */
export async function readVendored(
  mirrors: readonly string[],
  recipe: string,
): Promise<{
  readonly dirs: readonly VendoredDir[];
  readonly keyFiles: NonNullable<PlanOptions['keyFiles']>;
  /** The mirrors that are something else. */
  readonly others: readonly string[];
}> {
  const others: string[] = [];
  const dirs: VendoredDir[] = [];
  const keyFiles: { name: string; base64: string }[] = [];
  for (const mirror of mirrors) {
    const dir = mirror.startsWith('file:') ? fileURLToPath(mirror) : mirror;
    const index = dir.startsWith('/') ? await readVendorIndex(dir) : undefined;
    if (index === undefined) {
      others.push(mirror);
      continue;
    }
    if (!index.complete) throw invalid(dir, INDEX, 'says that `factory vendor` has not finished here');
    if (index.recipe !== recipe)
      throw new FactoryError({
        kind: 'Usage',
        message: `--mirror ${dir} was made for the recipe ${index.recipe}, this is ${recipe}`,
      });
    const here = vendoredDir(dir, index);
    dirs.push(here);
    for (const key of here.keys) {
      await verifyFile(key);
      keyFiles.push({ name: basename(key.path), base64: (await readFile(join(dir, key.path))).toString('base64') });
    }
  }
  return { dirs, keyFiles, others };
}
