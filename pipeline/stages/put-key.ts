import { repoFileName, repoFileText } from '../rpm/repo-file.ts';
import type { Repository } from '../tools/tools.ts';

/**
 * Makes a public key the one that hosts get, and writes the .repo file anew: it names that key, and every other key that the
 * snapshots which are there still need. For whatever changes the current key or the set of snapshots.
 */
export async function putKeyAndRepoFile(
  repository: Repository,
  { recipe, baseUrl }: { readonly recipe: string; readonly baseUrl: string },
  armored: Buffer,
): Promise<void> {
  const [, ...others] = await repository.putKey(armored);
  const text = repoFileText(recipe, baseUrl.replace(/\/+$/, ''), others);
  await repository.putRootFile(repoFileName(recipe), Buffer.from(text));
}
