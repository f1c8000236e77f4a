import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryName } from '../../../pipeline/store/durable.ts';
import { sweepTemporaryNames } from '../../../pipeline/tools/sweep-temporary.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';

test('removes exactly the names under which files are made', async () => {
  const dir = memoryDir();
  const temporary = temporaryName('current');
  for (const name of [temporary, 'current', '.htaccess', 'notes.tmp']) await writeFile(join(dir, name), '');
  expect((await sweepTemporaryNames([join(dir, 'absent'), dir])).map((path) => basename(path))).toEqual([temporary]);
  expect((await readdir(dir)).sort()).toEqual(['.htaccess', 'current', 'notes.tmp']);
});
