import { createHash } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { only, stepRig, type StepRig, type StepRun } from './step-rig.ts';

/** The same tree packed in two ways, and archives that are not a tree. */
const MAKE = `
umask 077; cd "$(mktemp -d)"
mkdir -p src-1.x/configs src-1.x/net/ipv4 src-1.x/empty
echo a >src-1.x/.mailmap; echo b >src-1.x/net/ipv4/ip.c; echo '#!/bin/sh' >src-1.x/run.sh; chmod 700 src-1.x/run.sh
echo c >src-1.x/configs/c; ln -s ../net/ipv4/ip.c src-1.x/net/link; ln src-1.x/.mailmap src-1.x/hard; ln -s run.sh 'src-1.x/a b'
tar -czf /out/one.tar.gz src-1.x
touch src-1.x/net src-1.x/.mailmap; chmod -R go+rwX src-1.x
tar --sort=name --format=posix --transform 's,^,./,S' -cjf /out/two.tar.bz2 src-1.x
echo x >beside; tar -cf /out/beside.tar src-1.x beside
tar -cf /out/absolute.tar --transform 's,^beside,/tmp/beside,' -P src-1.x beside
tar -cf /out/upwards.tar --transform 's,^beside,src-1.x/../../beside,' -P src-1.x beside
ln -s ../../etc/passwd src-1.x/out; tar -cf /out/link-up.tar src-1.x; rm src-1.x/out
ln -s /etc/passwd src-1.x/out; tar -cf /out/link-absolute.tar src-1.x; rm src-1.x/out
mkfifo src-1.x/pipe; tar -cf /out/pipe.tar src-1.x; rm src-1.x/pipe
touch "src-1.x/a
b"; tar -cf /out/newline.tar src-1.x; rm src-1.x/a?b
mkdir real; echo x >real/x; ln -s real link; tar -cf /out/top-link.tar --transform s,^link,src-1.x, link
head -c 150 /out/one.tar.gz >/out/short.tar.gz
echo no >/out/text.tar.xz`;

const ENV = {
  TOP: 'src-1.x',
  INTO: 'linux-1',
  FILE: 'linux-1.tar.bz2',
  DROP: 'configs missing/folder',
  SOURCE_DATE_EPOCH: '1340064000',
};

let rig: StepRig;
let archives: ReadonlyMap<string, Buffer>;
beforeAll(async () => {
  rig = await stepRig();
  archives = await rig.make(MAKE);
});

function repack(name: string, env: Readonly<Record<string, string>> = ENV): Promise<StepRun> {
  return rig.step('repack-tree.sh', env, { [`in/archive/${name}`]: only(archives, name) });
}

test.concurrent('the same tree gives the same bytes, however it was packed', async () => {
  const one = await repack('one.tar.gz');
  expect(one.code, one.lines.join('\n')).toBe(0);
  expect(one.facts).toEqual({ files: 6, dropped: 1 });
  const two = await repack('two.tar.bz2');
  const hash = (run: StepRun): string =>
    createHash('sha256').update(only(run.outputs, 'linux-1.tar.bz2')).digest('hex');
  expect(hash(two)).toBe(hash(one));

  const listing = await rig.make('tar -tvjf /in/a.tar.bz2 >/out/list', {
    'in/a.tar.bz2': only(one.outputs, 'linux-1.tar.bz2'),
  });
  const lines = only(listing, 'list').toString().trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/ +\d+ 2012-06-19 00:00 /, ' '))).toEqual([
    'drwxr-xr-x 0/0 linux-1/',
    '-rw-r--r-- 0/0 linux-1/.mailmap',
    'lrwxr-xr-x 0/0 linux-1/a b -> run.sh',
    'drwxr-xr-x 0/0 linux-1/empty/',
    '-rw-r--r-- 0/0 linux-1/hard',
    'drwxr-xr-x 0/0 linux-1/net/',
    'drwxr-xr-x 0/0 linux-1/net/ipv4/',
    '-rw-r--r-- 0/0 linux-1/net/ipv4/ip.c',
    'lrwxr-xr-x 0/0 linux-1/net/link -> ../net/ipv4/ip.c',
    '-rwxr-xr-x 0/0 linux-1/run.sh',
  ]);
});

test.concurrent.each(['linux-1.tar.gz', 'linux-1.tar.xz'])('into %s, name kept', async (FILE) => {
  const { code, outputs } = await repack('one.tar.gz', { ...ENV, FILE, INTO: 'src-1.x', DROP: '' });
  expect(code).toBe(0);
  const listing = await rig.make('tar -taf /in/a/* >/out/list', { [`in/a/${FILE}`]: only(outputs, FILE) });
  expect(only(listing, 'list').toString()).toContain('src-1.x/configs/c\n');
});

test.concurrent.each([
  ['beside.tar', 10, 'tree-missing', 'it holds: beside src-1.x'],
  ['top-link.tar', 10, 'tree-missing', 'must hold the folder src-1.x'],
  ['absolute.tar', 20, 'archive-refused', 'absolute.tar | absolute path | /tmp/beside'],
  ['upwards.tar', 20, 'archive-refused', 'path with ..'],
  ['link-up.tar', 20, 'archive-refused', '../../etc/passwd | src-1.x/out'],
  ['link-absolute.tar', 20, 'archive-refused', '/etc/passwd | src-1.x/out'],
  ['pipe.tar', 20, 'archive-refused', 'fifo | src-1.x/pipe'],
  ['newline.tar', 20, 'archive-refused', 'control character | src-1.x/a\\x0ab'],
  ['short.tar.gz', 12, 'archive-unreadable', 'short.tar.gz cannot be unpacked'],
  ['text.tar.xz', 12, 'archive-unreadable', 'text.tar.xz cannot be unpacked'],
])('%s is refused', async (name, status, code, detail) => {
  const run = await repack(name);
  expect(run.code, run.lines.join('\n')).toBe(status);
  expect(run.error?.code).toBe(code);
  expect(run.error?.detail).toContain(detail);
});

test.concurrent('the folder has another name', async () => {
  const { code, error } = await repack('one.tar.gz', { ...ENV, TOP: 'src-2' });
  expect(code).toBe(10);
  expect(error?.detail).toBe('one.tar.gz must hold the folder src-2 and nothing beside it; it holds: src-1.x');
});

test.concurrent.each([{ DROP: '../../etc' }, { TOP: 'a/b' }, { INTO: '' }, { FILE: 'linux-1.zip' }])(
  'wrong setting %j',
  async (wrong) => {
    expect((await repack('one.tar.gz', { ...ENV, ...wrong })).error?.code).toBe('step-usage');
  },
);
