import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refOf } from '../../../pipeline/tools/file-ref.ts';
import { createFiles } from '../../../pipeline/tools/files.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { sha256 } from '../store/rig.ts';

function makeFiles() {
  const dir = tempDir();
  const root = join(dir, 'recipe');
  mkdirSync(join(root, 'specs'), { recursive: true });
  writeFileSync(join(root, 'specs/kernel.spec'), 'Name: kernel\n');
  writeFileSync(join(dir, 'secret'), 'secret');
  return { dir, root, files: createFiles({ factory: [dir], recipe: [root], patches: [root] }) };
}

test('a file is read as it was when it was planned', async () => {
  const { root, files } = makeFiles();
  const ref = await refOf('recipe', root, 'specs/kernel.spec');
  expect(ref).toEqual({ root: 'recipe', path: 'specs/kernel.spec', sha256: sha256('Name: kernel\n') });
  expect((await files.read(ref)).toString()).toBe('Name: kernel\n');
  expect(await files.path(ref)).toBe(join(root, 'specs/kernel.spec'));
});

test('of several folders of a root, the first that has the file', async () => {
  const { dir, root } = makeFiles();
  const own = join(dir, 'own');
  const files = createFiles({ factory: [dir], recipe: [own, root], patches: [root] });
  const theirs = await refOf('recipe', root, 'specs/kernel.spec');
  expect(await files.path(theirs)).toBe(join(root, 'specs/kernel.spec'));
  mkdirSync(join(own, 'specs'), { recursive: true });
  writeFileSync(join(own, 'specs/kernel.spec'), 'Name: ours\n');
  expect((await files.read({ ...theirs, sha256: sha256('Name: ours\n') })).toString()).toBe('Name: ours\n');
  expect(await failureOfKind('FileChanged', files.read(theirs))).toMatchObject({
    path: join(own, 'specs/kernel.spec'),
  });
});

test('a file that changed or went away since is FileChanged', async () => {
  const { root, files } = makeFiles();
  const ref = await refOf('recipe', root, 'specs/kernel.spec');
  const path = join(root, 'specs/kernel.spec');
  writeFileSync(path, 'Name: colonel\n');
  const want = { path, want: ref.sha256, got: sha256('Name: colonel\n') };
  expect(await failureOfKind('FileChanged', files.read(ref))).toMatchObject(want);
  expect(await failureOfKind('FileChanged', files.path(ref))).toMatchObject(want);
  const gone = { ...ref, path: 'specs/none.spec' };
  expect(await failureOfKind('FileChanged', files.read(gone))).toMatchObject({ got: 'missing' });
});

test.each([
  '../secret',
  '/etc/passwd',
  'specs/../../secret',
  '',
  '.',
  'specs//kernel.spec',
  'specs\\kernel.spec',
  'link',
  'dir/secret',
])('a path that leaves its root is refused: %j', async (path) => {
  const { dir, root, files } = makeFiles();
  symlinkSync(join(dir, 'secret'), join(root, 'link'));
  symlinkSync('..', join(root, 'dir'));
  await failureOfKind('Usage', refOf('recipe', root, path));
  await failureOfKind('Usage', files.read({ root: 'recipe', path, sha256: sha256('secret') }));
});

test('a file to plan with must be there', async () => {
  const { root } = makeFiles();
  expect((await failureOfKind('Usage', refOf('recipe', root, 'no.spec'))).message).toContain('no.spec');
});
