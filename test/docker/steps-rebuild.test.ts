import { beforeAll, describe, expect, test } from 'vitest';
import { patchReports } from '../../pipeline/rpm/patch-report.ts';
import { rejectFromLog } from '../../pipeline/rpm/patch-reject.ts';
import { only, stepRig, type StepRig, type StepRun } from './step-rig.ts';

/** A package as RHEL's kernel.spec would make it, where rebuild-srpm.sh looks; the macro `scene` says what goes wrong. */
const SPEC = `
%{!?patch: %global patch fits.patch}
%define debug_package %{nil}
%define __strip /bin/true
Name: kernel
Version: 2.6.32
Release: 220
Summary: x
License: x
Source0: a.c
Source1: fits.patch
Source2: fuzzy.patch
Source3: misfit.patch
Source4: nofile.patch
Source5: Makefile
%description
x
%package devel
Summary: x
%description devel
x
%prep
ApplyPatch()
{
  local patch=$1
  shift
  if [ ! -f $RPM_SOURCE_DIR/$patch ]; then
    exit 1
  fi
  patch -p1 -F1 -s \${1+"$@"} < "$RPM_SOURCE_DIR/$patch"
}
mkdir -p kernel-2.6.32/linux-2.6.32/net
cd kernel-2.6.32/linux-2.6.32
cp %{SOURCE0} net/
cp %{SOURCE5} .
touch -d 2010-01-01 net/new.c.rej
ApplyPatch %{patch} -F0 --verbose
%if "%{scene}" == "unanswered"
make ARCH=x86_64 nonint_oldconfig > /dev/null
%endif
%if "%{scene}" == "said"
echo "@@factory error=module-key-missing detail=no key"
make ARCH=x86_64 nonint_oldconfig > /dev/null
%endif
%build
for name in one two; do
  echo "int $name;" | gcc -x c -c -o $name.ko -
  echo signature > sig
  objcopy --add-section .note.module.sig=sig --set-section-flags .note.module.sig=alloc,readonly $name.ko
done
%if "%{scene}" == "unsigned"
echo "int two;" | gcc -x c -c -o two.ko -
%endif
%install
mkdir -p $RPM_BUILD_ROOT/lib/modules/net $RPM_BUILD_ROOT/usr/src
cp *.ko $RPM_BUILD_ROOT/lib/modules/net
touch $RPM_BUILD_ROOT/usr/src/devel
%if "%{scene}" == "unpackaged"
touch $RPM_BUILD_ROOT/usr/src/extra $RPM_BUILD_ROOT/usr/src/more
%endif
%if "%{scene}" == "missing"
rm $RPM_BUILD_ROOT/usr/src/devel
%endif
%if "%{scene}" == "no-module"
rm $RPM_BUILD_ROOT/lib/modules/net/*
%endif
%files
%defattr(-,root,root)
/lib/modules
%files devel
%defattr(-,root,root)
/usr/src/devel
`;

/** As kconfig of RHEL 6 does it: a name alone on a line of standard error for each symbol without a value, and then a failure. */
const MAKEFILE = `nonint_oldconfig:
	@echo "# configuration written"
	@echo CONFIG_TOA >&2; echo CONFIG_IP_VS_TAB_BITS >&2; exit 2
`;

const MAKE = `
cd "$(mktemp -d)"; mkdir SOURCES
mkdir -p a/net b/net; seq 1 60 >a/net/a.c; cp a/net/a.c SOURCES/
sed 's/^20$/twenty/; s/^50$/fifty/' a/net/a.c >b/net/a.c; echo new >b/net/new.c
diff -urN a b >SOURCES/fits.patch || true
sed 's/^ 47$/ forty-seven/' SOURCES/fits.patch >SOURCES/fuzzy.patch
sed 's/^ 49$/ forty-nine/' SOURCES/fits.patch >SOURCES/misfit.patch
sed 's#net/a.c#net/b.c#' SOURCES/fits.patch >SOURCES/nofile.patch
cp /in/Makefile SOURCES/
rpmbuild -bs --nodeps --define "_topdir $PWD" --define 'scene none' /in/kernel.spec
cp SRPMS/*.src.rpm /out/`;

const SRPM = 'kernel-2.6.32-220.src.rpm';
let rig: StepRig;
let srpm: Buffer;
beforeAll(async () => {
  rig = await stepRig();
  srpm = only(await rig.make(MAKE, { 'in/kernel.spec': SPEC, 'in/Makefile': MAKEFILE }), SRPM);
});

function rebuild(defines: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const all = Object.entries({ scene: 'none', ...defines });
  return rig.step(
    'rebuild-srpm.sh',
    {
      SOURCE_DATE_EPOCH: '1340064000',
      JOBS: '1',
      RPM_DEFINES: all.map(([name, value]) => `${name} ${value}`).join('\n'),
      ...env,
    },
    { [`in/srpm/${SRPM}`]: srpm },
  );
}
const text = (run: StepRun): string => run.lines.join('\n');

test.concurrent('all well: packages, signed modules counted, report of the patch', async () => {
  const run = await rebuild({}, { MODULES: 'signed' });
  expect(run.code, text(run)).toBe(0);
  expect(run.facts).toMatchObject({ modules: 2, signed_modules: 2 });
  expect([...run.outputs.keys()].sort()).toEqual([
    'RPMS/kernel-2.6.32-220.x86_64.rpm',
    'RPMS/kernel-devel-2.6.32-220.x86_64.rpm',
  ]);
  expect(patchReports(run.lines)).toEqual([{ name: 'fits.patch', files: 2, hunks: 3, offsets: 0, fuzz: 0 }]);
});

describe.concurrent('a patch is rejected', () => {
  test.concurrent('it needs fuzz: said, with the reject', async () => {
    const run = await rebuild({ patch: 'fuzzy.patch' });
    expect(run.code).toBe(10);
    expect(run.error).toEqual({
      code: 'patch-rejected',
      detail: 'fuzzy.patch does not apply to 1 of its files; it would apply with fuzz 1',
    });
    const failure = rejectFromLog(run.lines);
    expect(failure).toMatchObject({ patch: 'fuzzy.patch', file: 'net/a.c', hunk: '#2 at line 47' });
    expect(failure?.reject).toContain('-50');
    expect(run.lines.filter((line) => line.startsWith('@@factory reject='))).toHaveLength(1);
  });

  test.concurrent('it does not fit at all', async () => {
    const run = await rebuild({ patch: 'misfit.patch' });
    expect(run.error?.detail).toBe(
      'misfit.patch does not apply to 1 of its files; it would not apply with fuzz 2 either',
    );
    expect(rejectFromLog(run.lines)).toMatchObject({ patch: 'misfit.patch', file: 'net/a.c' });
  });

  test.concurrent('its file is not there', async () => {
    const run = await rebuild({ patch: 'nofile.patch' });
    expect(run.error).toEqual({
      code: 'patch-rejected',
      detail: 'nofile.patch does not apply: it changes a file that is not there',
    });
    expect(rejectFromLog(run.lines)).toMatchObject({
      patch: 'nofile.patch',
      file: 'net/b.c',
      hunk: 'no file to patch',
    });
  });
});

test.concurrent.each([
  ['unanswered', 'config-unanswered', 'CONFIG_TOA CONFIG_IP_VS_TAB_BITS'],
  ['said', 'module-key-missing', 'no key'],
  ['unpackaged', 'unpackaged-files', '/usr/src/extra /usr/src/more'],
  ['missing', 'files-missing', '/usr/src/devel'],
])('%s: %s', async (scene, code, detail) => {
  const run = await rebuild({ scene });
  expect(run.code, text(run)).toBe(10);
  expect(run.error).toEqual({ code, detail });
  expect(rejectFromLog(run.lines)).toBeUndefined();
});

test.concurrent.each([
  ['unsigned', '1 of 2, first /lib/modules/net/two.ko'],
  ['no-module', 'kernel-2.6.32-220.x86_64.rpm holds no module'],
])('modules: %s', async (scene, detail) => {
  const run = await rebuild({ scene }, { MODULES: 'signed' });
  expect(run.code, text(run)).toBe(13);
  expect(run.error).toEqual({ code: 'modules-not-signed', detail });
  expect(run.outputs.size).toBe(0);
});

test.concurrent('anything else: the first error of the log', async () => {
  const run = await rebuild({ patch: 'absent.patch' });
  expect(run.error?.code).toBe('rpmbuild-failed');
  expect(run.error?.detail).toMatch(/^rpmbuild -bb of kernel-2.6.32-220.src.rpm ended with 1: error: Bad exit status/);
});
