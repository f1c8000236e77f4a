import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asSha256, type Sha256 } from '../plan/artifact.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { importStaged } from '../tools/exchange/import.ts';
import { stageArchive, type Staged } from '../tools/exchange/stage.ts';
import { underLock } from './locked.ts';
import type { OwnOptions } from './program.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory import FILE...`: takes in what `factory export` wrote. All archives are verified before anything of any of them becomes
 * visible. With `--sha256`, once per file and in their order, each file must have that digest. Needs no engine. Failures:
 * ExchangeInvalid, ExchangeConflict, Usage.
 */
export async function importArchives(
  world: World,
  options: CommonOptions,
  names: readonly string[],
  { sha256 = [] }: OwnOptions,
): Promise<number> {
  const wanted = digests(sha256, names.length);
  const session = await openSession(world, options);
  const { tools, recipe, ledger } = session;
  const imported = await underLock(session, async () => {
    const scratch = await tools.store.scratch();
    try {
      const archives: Staged[] = [];
      for (const [index, name] of names.entries()) {
        const file = resolve(world.cwd, name);
        const dir = join(scratch, String(index));
        await mkdir(dir);
        const archive = await stageArchive(file, wanted[index], dir, tools.store, world.signal);
        if (archive.recipe !== recipe.name)
          throw new FactoryError({
            kind: 'Usage',
            message: `${file} was made for the recipe ${archive.recipe}, this is ${recipe.name}`,
            advice: `Name the recipe: --recipe ${archive.recipe}`,
          });
        archives.push(archive);
      }
      return await importStaged(archives, tools.store, ledger, world.signal);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  const { records, objects } = imported;
  world.stdout.write(
    options.json ? `${JSON.stringify(imported)}\n` : `imported ${records} new records and ${objects} new objects\n`,
  );
  return EXIT.ok;
}

function digests(given: readonly string[], files: number): readonly Sha256[] {
  const usage = (message: string): FactoryError =>
    new FactoryError({ kind: 'Usage', message, advice: 'Give --sha256 once per file, in the order of the files.' });
  if (given.length > 0 && given.length !== files) throw usage(`${files} files and ${given.length} times --sha256`);
  const bad = given.find((one) => !/^[0-9a-f]{64}$/.test(one));
  if (bad !== undefined) throw usage(`--sha256 takes 64 hexadecimal digits in lower case, not "${bad}"`);
  return given.map(asSha256);
}
