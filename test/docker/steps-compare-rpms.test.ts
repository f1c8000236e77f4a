import { beforeAll, expect, test } from 'vitest';
import { type Contents, type StepRig, stepRig } from './step-rig.ts';

/** What compare-rpms.sh finds between two real packages that differ in known ways. */
let rig: StepRig;
beforeAll(async () => {
  rig = await stepRig();
});

const SPEC = `Name: pair
Version: 1
Release: 1
Summary: %{summary_text}
License: MIT
%define debug_package %{nil}
%description
d
%install
cp -a %{tree} %{buildroot}/data
%files
%defattr(-,root,root)
/data
`;

/** Builds the package with a tree that `shell` makes in the directory it runs in. */
async function pair(shell: string, summary = 'a pair', more = ''): Promise<Buffer> {
  const made = await rig.make(
    `export HOME=$(mktemp -d); mkdir -p $HOME/tree $HOME/top && cd $HOME/tree && ${shell}
     SOURCE_DATE_EPOCH=3000 rpmbuild -bb --define "_topdir $HOME/top" --define "tree $HOME/tree" --define "summary_text ${summary}" \\
       --define '_buildhost builder' --define 'use_source_date_epoch_as_buildtime 1' ${more} /in/pair.spec >/dev/null 2>&1
     cp $HOME/top/RPMS/*/*.rpm /out/pair.rpm`,
    { 'in/pair.spec': SPEC },
  );
  return made.get('pair.rpm') ?? Buffer.alloc(0);
}

async function compare(files: Contents): Promise<string[]> {
  const run = await rig.step('compare-rpms.sh', {}, files);
  expect(run.error).toBeUndefined();
  return (run.outputs.get('differences')?.toString() ?? '').split('\n').filter((line) => line !== '');
}

const BASE = 'echo one >a; echo two >b; echo three >c; ln -s a l; touch -h -d @1000 a b c l; touch -d @1000 .';

test('content, mode, mtime, link, a missing and an added file, a header; equal files are not named', async () => {
  const before = await pair(BASE);
  const after = await pair(
    `${BASE}; echo won >a; chmod 600 b; touch -d @2000 b; rm c; echo >d; ln -sf b l; touch -h -d @1000 a d l .`,
    'another one',
  );
  const lines = await compare({ 'in/published/pair.rpm': before, 'in/rebuilt/pair.rpm': after });
  const found = lines.map((line) => line.split('\t').slice(1, 3).join(' '));
  expect(found).toEqual(
    expect.arrayContaining([
      'content /data/a',
      'mode /data/b',
      'mtime /data/b',
      'missing /data/c',
      'added /data/d',
      'link /data/l',
      'header SUMMARY',
    ]),
  );
  expect(found.filter((line) => / \/data(\/a|\/b|\/c|\/d|\/l)?$/.test(line))).toHaveLength(6);
  expect(lines).toContain("pair.rpm\theader\tSUMMARY\t'a pair'\t'another one'");
  expect(lines).toContain('pair.rpm\tmtime\t/data/b\t1000\t2000');
});

test('the same files, packed in another way: only that is said', async () => {
  const [before, after] = [await pair(BASE), await pair(BASE, 'a pair', "--define '_binary_payload w1.gzdio'")];
  const lines = await compare({ 'in/published/pair.rpm': before, 'in/rebuilt/pair.rpm': after });
  expect(lines.map((line) => line.split('\t').slice(1, 3).join(' '))).toEqual(['header PAYLOADFLAGS']);
});

test('an rpm that cannot be told a time: its clock is not taken for a difference of the package', async () => {
  // The version is compiled into rpm: it is changed where it stands in the header, which is queried without its digest.
  const aged = (rpm: Buffer): Buffer =>
    Buffer.from(rpm.toString('latin1').replace(/(?<=\0)4\.1\d\.(?=\d\0)/, '4.08.'), 'latin1');
  const [before, after] = [await pair(BASE), await pair(`${BASE}; touch -d @2000 b; touch -d @1000 .`)];
  const lines = await compare({ 'in/published/pair.rpm': aged(before), 'in/rebuilt/pair.rpm': aged(after) });
  const mixed = await compare({ 'in/published/pair.rpm': aged(before), 'in/rebuilt/pair.rpm': after });
  expect(mixed).toContain('pair.rpm\tmtime\t/data/b\t1000\t2000');
  expect(lines).toEqual(['pair.rpm\tclock\t/data/b\t1000\t2000']);
});

test('a module that differs in its signature alone', async () => {
  // What strips the module sets its time to now.
  const clamped = "--define 'clamp_mtime_to_source_date_epoch 1'";
  const signed = (code: string, signature: string) => pair(module(code, signature), 'a pair', clamped);
  const module = (code: string, signature: string) =>
    `printf 'int f(void){return ${code};}' >m.c && gcc -c m.c -o m.o && printf '${signature}' >sig &&
     objcopy --add-section .note.module.sig=sig m.o m.ko && rm m.c m.o sig && touch -d @1000 m.ko .`;
  const published = await signed('1', 'one');
  const files = (rebuilt: Buffer) => ({ 'in/published/pair.rpm': published, 'in/rebuilt/pair.rpm': rebuilt });
  const found = async (rebuilt: Buffer) =>
    (await compare(files(rebuilt))).map((line) => line.split('\t').slice(1, 3).join(' '));
  expect(await found(await signed('1', 'another'))).toEqual(['signature /data/m.ko']);
  expect(await found(await signed('2', 'another'))).toEqual(['content /data/m.ko']);
});

test('what is no package, and a package without its counterpart', async () => {
  const broken = await rig.step('compare-rpms.sh', {}, { 'in/published/a.rpm': 'x', 'in/rebuilt/a.rpm': 'x' });
  expect(broken.error?.code).toBe('rpm-unreadable');
  const alone = await rig.step('compare-rpms.sh', {}, { 'in/published/a.rpm': 'x' });
  expect(alone.error?.code).toBe('step-usage');
});
