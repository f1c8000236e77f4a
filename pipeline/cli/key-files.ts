import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { FactoryError } from '../run/failure.ts';

/** Bytes of the key files that `--key` names, as plan hints take them. Failures: Usage. */
export async function readKeyFiles(
  paths: readonly string[],
  cwd: string,
): Promise<{ readonly name: string; readonly base64: string }[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        return { name: basename(path), base64: (await readFile(resolve(cwd, path))).toString('base64') };
      } catch (error) {
        throw new FactoryError(
          {
            kind: 'Usage',
            message: `--key ${path}: ${(error as Error).message}`,
            advice: 'Give a file with a public key, armored or binary.',
          },
          { cause: error },
        );
      }
    }),
  );
}
