import type { VerifyPairParams } from '../../pipeline/plan/pair.ts';

/**
 * Tiny packages with real objects in them: modules that insert and look for a TCP option, headers, tools. Each variant of a kernel is a
 * function of what it is made with: option number, release that the module was compiled for, table bits, how it is signed.
 */
export const MAKE = `
cd "$(mktemp -d)"
cat >ip_vs.c <<'C'
struct toa { unsigned char code, length; unsigned short port; unsigned addr; };
__attribute__((noinline)) static void tcp_opt_add_toa(struct toa *toa, unsigned short port, unsigned addr)
{ toa->code = OPTION; toa->length = 8; toa->port = port; toa->addr = addr; }
void handler(struct toa *toa, unsigned short port, unsigned addr) { tcp_opt_add_toa(toa, port, addr); }
int ip_vs_conn_tab_bits = BITS;
static const unsigned char set_arglen[] __attribute__((used)) = {0, 12};
static const char info[] __attribute__((section(".modinfo"), used)) = "vermagic=" MAGIC " SMP";
C
cat >toa.c <<'C'
__attribute__((noinline)) static const unsigned char *get_toa_data(const unsigned char *at, int left)
{ while (left > 1 && *at) { if (*at == 1) { at++; left--; continue; }
  if (*at == OPTION && at[1] == 8) return at + 2; left -= at[1]; at += at[1]; } return 0; }
const unsigned char *hook(const unsigned char *at) { return get_toa_data(at, 40); }
static const char info[] __attribute__((section(".modinfo"), used)) = "vermagic=" MAGIC " SMP\\0toa_option=" STRING(OPTION);
C
cat >ext.c <<'C'
static const char info[] __attribute__((section(".modinfo"), used)) = "vermagic=" MAGIC " SMP";
C
# package NAME VERSION RELEASE ROOT OUT
package() {
  printf '%s\\n' "Name: $1" "Version: $2" "Release: $3" 'Summary: x' 'License: x' '%define __os_install_post %{nil}' '%define debug_package %{nil}' \\
    %description x %install "mkdir -p %{buildroot}; cp -a $4/. %{buildroot}" %files '/*' >p.spec
  rpmbuild -bb --define "_topdir $PWD/top" --define '_build_id_links none' --define '_rpmfilename p.rpm' p.spec >log 2>&1 || { cat log; exit 1; }
  mv top/RPMS/p.rpm "/out/$5"
}
# kernel OUT MODULE RELEASE OPTION BITS MAGIC-OF-EXT SIGNED
kernel() {
  local uname=1-1.$3.x86_64 root=$PWD/root; rm -rf root; mkdir -p root/boot root/lib/modules/$uname/kernel
  for one in $2 ext; do
    magic=$uname; if [ $one = ext ]; then magic=$6; fi
    gcc -O2 -fno-tree-slp-vectorize -c -DOPTION=$4 -DBITS=$5 "-DMAGIC=\\"$magic\\"" '-DSTRING(x)=STRING_(x)' '-DSTRING_(x)=#x' -o root/lib/modules/$uname/kernel/$one.ko $one.c
  done
  if [ $7 = note ]; then echo x >sig; for ko in root/lib/modules/$uname/kernel/*.ko; do objcopy --add-section .note.module.sig=sig $ko; done; fi
  if [ $7 != note ]; then printf '~Module signature appended~\\n' >>root/lib/modules/$uname/kernel/$2.ko; fi
  if [ $7 = both ]; then printf '~Module signature appended~\\n' >>root/lib/modules/$uname/kernel/ext.ko; fi
  echo CONFIG_IP_VS_TAB_BITS=$5 >root/boot/config-$uname
  package kernel 1 1.$3 "$root" $1
}
D=1-1.d.x86_64; B=1-1.b.x86_64
kernel director.rpm ip_vs d 254 20 $D note
kernel director-200.rpm ip_vs d 200 20 $D note
kernel director-12.rpm ip_vs d 254 12 $D note
sed -i 's/tcp_opt_add_toa/something_else/' ip_vs.c; kernel director-unreadable.rpm ip_vs d 254 20 $D note
kernel backend.rpm toa b 254 12 $B both
kernel backend-foreign.rpm toa b 254 12 1-2.b.x86_64 both
kernel backend-bare.rpm toa b 254 12 $B one

mkdir -p h/usr/include/linux tools-1
cat >h/usr/include/linux/ip_vs.h <<'C'
#define SET_NONE 1152
#define SET_ADD 1153
struct service { unsigned addr; unsigned short port; unsigned flags; };
C
package kernel-headers 1 1.d "$PWD/h" headers.rpm
package ipvsadm 1 1 "$PWD/h" ipvsadm.rpm
mkdir -p top/SOURCES
# source OUT: what the tools are made of; a patch in %prep decides, not the tarball.
source_package() {
  sed 's/struct service/struct service_kern/' h/usr/include/linux/ip_vs.h | sed "$2" >tools-1/ip_vs.h
  sed 's/1153/9999/' -i tools-1/ip_vs.h; tar -czf top/SOURCES/tools-1.tar.gz tools-1
  printf '%s\\n' 'Name: tools' 'Version: 1' 'Release: 1' 'Summary: x' 'License: x' 'Source0: tools-1.tar.gz' %description x %prep '%setup -q' \\
    'sed -i s/9999/1153/ ip_vs.h' >tools.spec
  rpmbuild -bs --nodeps --define "_topdir $PWD/top" tools.spec >log 2>&1 || { cat log; exit 1; }
  mv top/SRPMS/tools-1-1.src.rpm /out/$1
}
source_package tools.src.rpm ''
source_package tools-swapped.src.rpm 's/unsigned addr; unsigned short port;/unsigned short port; unsigned addr;/'
source_package tools-long.src.rpm 's/unsigned flags;/unsigned flags, more;/'`;

const toa = { modinfo: null, code: null };

/** What is asked of those packages. */
export const PARAMS: Omit<VerifyPairParams, 'scripts'> = {
  recipe: 'tiny',
  kernels: {
    director: {
      package: 'kernel-director',
      toa: { ...toa, module: 'ip_vs', code: { as: 'store', functions: ['tcp_opt_add_toa'] } },
      variables: [{ module: 'ip_vs', symbol: 'ip_vs_conn_tab_bits', config: 'CONFIG_IP_VS_TAB_BITS' }],
      signedModules: true,
      config: { CONFIG_IP_VS_TAB_BITS: '20' },
    },
    backend: {
      package: 'kernel-backend',
      toa: { module: 'toa', modinfo: 'toa_option', code: { as: 'compare', functions: ['get_toa_data'] } },
      variables: [],
      signedModules: true,
      config: {},
    },
  },
  interface: {
    kernel: { rpm: 'kernel-headers', dirs: ['usr/include'], include: 'linux/ip_vs.h' },
    tools: [{ name: 'ipvsadm', dirs: ['tools-*'], include: 'ip_vs.h' }],
    structs: [
      {
        kernel: 'service',
        tools: 'service_kern',
        members: ['addr', 'port', 'flags'].map((name) => ({ kernel: name, tools: name })),
      },
    ],
    constants: ['SET_ADD'],
    arguments: [{ module: 'ip_vs', symbol: 'set_arglen', base: 'SET_NONE', entries: { SET_ADD: ['service_kern'] } }],
  },
};
