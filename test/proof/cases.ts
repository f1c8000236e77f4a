import type { Lab } from './lab.ts';

/** One way to break what is published, and who has to notice. */
export interface Case {
  readonly what: string;
  /** The step that fails. */
  readonly step: string;
  /** One of the checks that it names; for steps without checks, the code of its error. */
  readonly check: RegExp;
  readonly break: (lab: Lab) => Promise<AsyncDisposable>;
}

const DIRECTOR = 'rebuild-srpm:kernel-director';
const BACKEND = 'rebuild-srpm:kernel-backend';
const KERNEL = /^kernel-\d.*\.rpm$/;
const ROOTFS = /^rootfs-.*\.tar$/;

const WITHOUT_IPVS = ['--disable-dependency-tracking', '--disable-dependency-tracking --disable-lvs'] as const;
const GUARD = [
  "if ! grep -qE '^Use IPVS Framework +: Yes$' configure.log || ! grep -qE '^#define _WITH_LVS_ 1' lib/config.h; then",
  'if false; then',
] as const;

/**
 * The matrix. "As booted" breaks what verify-install hands to verify-boot, past all gates before it: the boot alone has to notice
 * what the gates notice as well.
 */
export const CASES: readonly Case[] = [
  {
    what: 'option 200 in the backend, 254 in the director',
    step: 'verify-pair',
    check: /^toa-option$/,
    break: (lab) => lab.breaks('option-200', BACKEND, KERNEL),
  },
  {
    what: 'the same, as booted',
    step: 'verify-boot',
    check: /^client-address$/,
    break: (lab) => lab.breaks('option-200', 'verify-install:backend', ROOTFS),
  },
  {
    what: 'a connection table of 2^12',
    step: 'verify-pair',
    check: /^config:director:CONFIG_IP_VS_TAB_BITS$/,
    break: (lab) => lab.breaks('table-12', DIRECTOR, KERNEL),
  },
  {
    what: 'the same, as booted',
    step: 'verify-boot',
    check: /^connection-table$/,
    break: (lab) => lab.breaks('table-12', 'verify-install:director', ROOTFS),
  },
  {
    what: 'toa.ko with a foreign vermagic',
    step: 'verify-pair',
    check: /^vermagic:backend$/,
    break: (lab) => lab.breaks('vermagic', BACKEND, KERNEL),
  },
  {
    what: 'the same, as booted',
    step: 'verify-boot',
    check: /^modules-backend1$/,
    break: (lab) => lab.breaks('vermagic', 'verify-install:backend', ROOTFS),
  },
  {
    // A guest's root file system is in memory: there the word for init= is rdinit=.
    what: 'a panic at boot (init is /bin/false)',
    step: 'verify-boot',
    check: /^machine-\w+$/,
    break: (lab) =>
      lab.edits('recipe.yaml', ['arguments: no_timer_check', 'arguments: rdinit=/bin/false no_timer_check']),
  },
  {
    what: 'a package after which modprobe toa loads nothing',
    step: 'verify-boot',
    check: /^modules-backend1$/,
    break: (lab) => lab.breaks('toa-not-loaded', BACKEND, KERNEL),
  },
  {
    what: 'keepalived configured without IPVS',
    step: 'rebuild-srpm:lvs-tools',
    check: /^keepalived-no-ipvs$/,
    break: (lab) => lab.edits('lvs-tools.spec', WITHOUT_IPVS),
  },
  {
    what: 'keepalived built, signed and installed without IPVS',
    step: 'verify-boot',
    check: /^keepalived-services$/,
    break: (lab) => lab.edits('lvs-tools.spec', WITHOUT_IPVS, GUARD),
  },
  {
    what: 'the patch of the backend dropped',
    step: BACKEND,
    check: /^config-/,
    break: (lab) => lab.drops('kernel-backend', '0001-tcp-client-addresses-behind-a-fullnat-director.patch'),
  },
];
