import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { FACTORY_DIR } from '../../../pipeline/cli/paths.ts';
import { imagePaths } from '../../../pipeline/recipe/image-paths.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

test('an image has the files of its folder, and those that it lists of the common one', async () => {
  const dir = tempDir();
  const folder = join(dir, 'dockerfiles/one');
  await mkdir(folder, { recursive: true });
  for (const name of ['install.sh', 'Dockerfile']) await writeFile(join(folder, name), '');
  expect(imagePaths(dir, 'one')).toEqual(['dockerfiles/one/Dockerfile', 'dockerfiles/one/install.sh']);
  await writeFile(join(folder, 'common.txt'), 'b.sh\na.sh\n');
  expect(imagePaths(dir, 'one')?.slice(2)).toEqual(['dockerfiles/common/b.sh', 'dockerfiles/common/a.sh']);
  expect(imagePaths(dir, 'none')).toBeUndefined();
});

test('no file of an image of ours hides another: the build context is flat', async () => {
  for (const name of await readdir(join(FACTORY_DIR, 'dockerfiles'))) {
    const names = (imagePaths(FACTORY_DIR, name) ?? []).map((path) => basename(path));
    expect(new Set(names).size, name).toBe(names.length);
  }
});
