import { beforeAll, expect, test } from 'vitest';
import { only, stepRig, type StepRig, type StepRun } from './step-rig.ts';

/** A source package, two patches for its Source0, trees that ought to be the result, and a patch that does not fit. */
const MAKE = `
cd "$(mktemp -d)"
mkdir -p src-1/net src-1/configs; seq 40 >src-1/net/a.c; echo b >src-1/b.c; echo c >src-1/configs/c; ln -s b.c src-1/link
cp -a src-1 clean
mkdir SOURCES; tar -cjf SOURCES/src-1.tar.bz2 src-1
printf '%s\\n' 'Name: tiny' 'Version: 1' 'Release: 1' 'Summary: x' 'License: x' 'Source0: src-1.tar.bz2' %description x >tiny.spec
rpmbuild -bs --nodeps --define "_topdir $PWD" tiny.spec; cp SRPMS/*.src.rpm /out/tiny.src.rpm

sed -i 's/^20$/twenty/' src-1/net/a.c; echo new >src-1/net/new.c; diff -urN clean src-1 >/out/1.patch || true
cp -a src-1 one; sed -i 's/^30$/thirty/' src-1/net/a.c; diff -urN one src-1 >/out/2.patch || true
sed -i 's/19/nineteen/' /out/2.patch; sed 's/^ 29$/ other/' /out/2.patch >/out/misfit.patch
rm -r src-1/configs; mv src-1 src-1.ready; tar -czf /out/same.tar.gz src-1.ready
cd src-1.ready; echo more >>b.c; chmod +x net/a.c; rm net/new.c; echo 'x "y"' >'net/a "q".c'; ln -sf net/a.c link; cd ..
tar -czf /out/other.tar.gz src-1.ready`;

const ENV = { SOURCE0: 'src-1.tar.bz2', SOURCE0_TOP: 'src-1', TREE_TOP: 'src-1.ready', DROP: 'configs' };

let rig: StepRig;
let made: ReadonlyMap<string, Buffer>;
beforeAll(async () => {
  rig = await stepRig();
  made = await rig.make(MAKE);
});

function check(tree: string, patches: readonly string[], env: Readonly<Record<string, string>> = ENV) {
  return rig.step('cross-check.sh', env, {
    'in/srpm/tiny-1-1.src.rpm': only(made, 'tiny.src.rpm'),
    [`in/tree/${tree}`]: only(made, tree),
    ...Object.fromEntries(patches.map((name, index) => [`in/patch/${index}-${name}`, only(made, name)])),
  });
}
const report = (run: StepRun): unknown => JSON.parse(only(run.outputs, 'cross-check.json').toString());

test.concurrent('both ways lead to the same tree', async () => {
  const run = await check('same.tar.gz', ['1.patch', '2.patch']);
  expect(run.code, run.lines.join('\n')).toBe(0);
  expect(run.facts).toMatchObject({ same: 4, differ: 0, only_patched: 0, only_tree: 0 });
  expect(report(run)).toEqual({
    schema: 1,
    same: 4,
    differ: [],
    modes: [],
    onlyPatched: [],
    onlyTree: [],
    patches: [
      { name: '0-1.patch', hunks: 2, fuzz: 0, offset: 0 },
      { name: '1-2.patch', hunks: 1, fuzz: 0, offset: 0 },
    ],
  });
});

test.concurrent('every file that differs is named', async () => {
  const run = await check('other.tar.gz', ['1.patch', '2.patch']);
  expect(run.code).toBe(0);
  expect(report(run)).toMatchObject({
    same: 0,
    differ: ['b.c', 'link', 'net/a.c'],
    modes: ['net/a.c'],
    onlyPatched: ['net/new.c'],
    onlyTree: ['net/a "q".c'],
  });
  expect(run.facts).toMatchObject({ same: 0, differ: 3, only_patched: 1, only_tree: 1 });
});

test.concurrent('without the patches', async () => {
  const run = await check('same.tar.gz', [], { ...ENV, DROP: '' });
  expect(report(run)).toMatchObject({
    same: 2,
    differ: ['net/a.c'],
    onlyPatched: ['configs/c'],
    onlyTree: ['net/new.c'],
    patches: [],
  });
});

test.concurrent('a patch that does not fit: its reject, and whether fuzz would help', async () => {
  const run = await check('same.tar.gz', ['1.patch', 'misfit.patch']);
  expect(run.code, run.lines.join('\n')).toBe(13);
  expect(run.error).toEqual({
    code: 'patch-rejected',
    detail: '1-misfit.patch does not apply to src-1.tar.bz2; it would not apply with fuzz 2 either',
  });
  expect(run.lines).toContain('@@factory reject=1-misfit.patch:net/a.c');
});

test.concurrent('what is not there', async () => {
  const wrong = await check('same.tar.gz', [], { ...ENV, SOURCE0: 'src-2.tar.bz2' });
  expect(wrong.error).toEqual({
    code: 'srpm-file-missing',
    detail: 'src-2.tar.bz2 is not in tiny-1-1.src.rpm; there is: src-1.tar.bz2 tiny.spec',
  });
  expect((await check('same.tar.gz', [], { ...ENV, TREE_TOP: 'src-1' })).error?.code).toBe('tree-missing');
});
