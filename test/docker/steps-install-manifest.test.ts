import { beforeAll, describe, expect, test } from 'vitest';
import { asSha256 } from '../../pipeline/plan/artifact.ts';
import { readPackages } from '../../pipeline/stages/install-manifest-facts.ts';
import { sha256 } from '../helpers/tiny-snapshot.ts';
import { only, stepRig, type Contents, type StepRig, type StepRun } from './step-rig.ts';

/** Two keys, and packages signed by the first one of them but for those that say otherwise. */
const MAKE = `
export GNUPGHOME=$(mktemp -d); cd "$GNUPGHOME"
for name in ours other; do
  printf '%s\\n' %no-protection 'Key-Type: RSA' 'Key-Length: 2048' 'Key-Usage: sign' "Name-Real: $name" %commit >batch
  gpg --batch --quiet --full-generate-key batch
  gpg --batch --armor --export $name >/out/$name.asc
  gpg --with-colons --list-keys $name | awk -F: '$1 == "fpr" {print $10}' >/out/$name.fingerprint
done
cat /out/ours.asc /out/other.asc >/out/both.asc
# package NAME EPOCH RELEASE ROOT OUT [KEY]
package() {
  printf '%s\\n' "Name: $1" "Epoch: $2" 'Version: 1.0' "Release: $3" 'Summary: x' 'License: x' '%define __os_install_post %{nil}' '%define debug_package %{nil}' \\
    %description x %install "mkdir -p %{buildroot}; cp -a $4/. %{buildroot}" %files '/*' >p.spec
  rpmbuild -bb --define "_topdir $PWD/top" --define '_build_id_links none' --define '_rpmfilename p.rpm' p.spec >log 2>&1 || { cat log; exit 1; }
  if [ -n "\${6:-}" ]; then
    rpmsign --define "_gpg_name $6" --define '_gpg_digest_algo sha256' --define '__gpg /usr/bin/gpg' --resign top/RPMS/p.rpm >log 2>&1 </dev/null || { cat log; exit 1; }
  fi
  mv top/RPMS/p.rpm "/out/$5"
}
uname=1.0-1.x86_64; dir=root/lib/modules/$uname
mkdir -p root/boot $dir/kernel; echo image >root/boot/vmlinuz-$uname
# modinfo FILE TEXT...: an object with that in it
object() { local out=$1; shift; printf '%s\\0' "$@" >info; echo | gcc -x c -c -o "$out" -; objcopy --add-section .modinfo=info "$out"; }
object $dir/kernel/my-nic.ko 'alias=pci:v00008086d*' 'alias=of:N*T*Cx' 'alias=virtio:d00000001v*'
object $dir/kernel/plain.ko 'license=GPL'
echo kernel/drivers/built-in-one.ko >$dir/modules.builtin
printf '%s\\0' 'built_in_one.alias=virtio:d00000002v*' 'built_in_one.alias=fs-x' 'built_in_one.license=GPL' >$dir/modules.builtin.modinfo
package kernel 0 1 "$PWD/root" kernel-1.0-1.x86_64.rpm ours
package kernel 0 1 "$PWD/root" bare.rpm
package kernel 0 1 "$PWD/root" foreign.rpm other
rm root/boot/*; touch root/boot/x; package kernel 0 1 "$PWD/root" imageless.rpm ours
echo image >root/boot/vmlinuz-$uname; mv $dir root/lib/modules/elsewhere; package kernel 0 1 "$PWD/root" moved.rpm ours
mkdir -p $dir; rm -r root/lib/modules/elsewhere; touch $dir/modules.order; package kernel 0 1 "$PWD/root" empty.rpm ours
mkdir -p tool/usr; touch tool/usr/tool; package tool 3 1 "$PWD/tool" tool-1.0-1.x86_64.rpm ours`;

let rig: StepRig;
let made: ReadonlyMap<string, Buffer>;
beforeAll(async () => {
  rig = await stepRig();
  made = await rig.make(MAKE);
});

const text = (name: string): string => only(made, name).toString('utf8').trim();
const [KERNEL, TOOL] = ['kernel-1.0-1.x86_64.rpm', 'tool-1.0-1.x86_64.rpm'] as const;

function read(
  kernel: string | null,
  { key = 'ours.asc', more = {} }: { key?: string; more?: Contents } = {},
): Promise<StepRun> {
  const files = kernel === null ? {} : { [`in/rpms/${KERNEL}`]: only(made, kernel) };
  const inputs = { 'in/key.asc': only(made, key), [`in/rpms/${TOOL}`]: only(made, TOOL), ...files, ...more };
  return rig.step('make-manifest.sh', { FINGERPRINT: text('ours.fingerprint') }, inputs);
}

describe('what is read in signed packages', () => {
  let good: StepRun;
  beforeAll(async () => {
    good = await read(KERNEL);
  });

  test('name, epoch, version, digest, size and signer of each', () => {
    expect(good.code).toBe(0);
    const rpms = [TOOL, KERNEL].map((name) => {
      const bytes = only(made, name);
      return { kind: 'signed-rpm' as const, name, digest: asSha256(sha256(bytes)), size: bytes.length };
    });
    const tsv = only(good.outputs, 'packages.tsv').toString('utf8');
    const key = text('ours.fingerprint');
    expect(readPackages(tsv, rpms, 'step')).toMatchObject([
      {
        name: 'tool',
        nevra: 'tool-1.0-1.x86_64',
        epoch: 3,
        arch: 'x86_64',
        key,
        sha256: rpms[0]?.digest,
        size: rpms[0]?.size,
      },
      { name: 'kernel', nevra: 'kernel-1.0-1.x86_64', epoch: 0, key, file: `RPMS/${KERNEL}` },
    ]);
  });

  test('modules and devices of the kernel, of the buses that disks and network cards have', () => {
    expect(only(good.outputs, 'devices').toString('utf8')).toBe(
      [
        'devices 1 1.0-1.x86_64',
        'alias pci:v00008086d* my_nic',
        'alias virtio:d00000001v* my_nic',
        'alias virtio:d00000002v* built_in_one',
        'module built_in_one builtin',
        'module my_nic module',
        'module plain module',
        '',
      ].join('\n'),
    );
    expect(good.facts).toMatchObject({ release: '1.0-1.x86_64', modules: 3, aliases: 3 });
  });
});

test.each([
  ['a package without a signature', 'bare.rpm', {}, 11, 'not-signed', `${KERNEL} is not signed by`],
  ['a package signed by another key', 'foreign.rpm', {}, 11, 'not-signed', `${KERNEL} does not verify`],
  ['a public key that is another', KERNEL, { key: 'other.asc' }, 11, 'not-signed', 'the public key is'],
  ['more than one public key', KERNEL, { key: 'both.asc' }, 11, 'not-signed', 'the public key is'],
  ['no kernel', null, {}, 64, 'step-usage', 'no package is called kernel'],
  ['a kernel without an image', 'imageless.rpm', {}, 12, 'kernel-unusable', 'holds no /boot/vmlinuz-1.0-1.x86_64'],
  ['modules of another release', 'moved.rpm', {}, 12, 'kernel-unusable', 'holds no /lib/modules/1.0-1.x86_64'],
  ['a kernel without modules', 'empty.rpm', {}, 12, 'kernel-unusable', 'holds no module'],
] as const)('%s is refused', async (_name, kernel, options, code, error, detail) => {
  const run = await read(kernel, options);
  expect(run).toMatchObject({ code, error: { code: error } });
  expect(run.error?.detail).toContain(detail);
});

test('a changed byte of a package is refused', async () => {
  const bytes = Buffer.from(only(made, KERNEL));
  bytes[bytes.length - 4] = (bytes[bytes.length - 4] ?? 0) ^ 1;
  const run = await read(null, { more: { [`in/rpms/${KERNEL}`]: bytes } });
  expect(run).toMatchObject({ code: 11, error: { code: 'not-signed', detail: `${KERNEL} does not verify` } });
});
