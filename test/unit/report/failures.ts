import type { Failure, FailureKind } from '../../../pipeline/run/failure.ts';

const tail = ['one', 'two'];
const attempts = [
  { url: 'https://one.example/a.tar.gz', reason: '404 Not Found' },
  { url: 'https://two.example/a.tar.gz', reason: 'connection refused' },
];

/** One failure of every kind: a kind without an example does not compile. */
export const examples: { readonly [K in FailureKind]: Extract<Failure, { kind: K }> } = {
  Usage: { kind: 'Usage', message: 'unknown option --foo' },
  RecipeInvalid: {
    kind: 'RecipeInvalid',
    file: 'pipeline/recipes/lts/recipe.yaml',
    problems: [
      { line: 7, column: 3, path: 'sources.0.sha256', message: 'not a sha256' },
      { line: 9, column: 1, path: '', message: 'unknown key: foo' },
    ],
  },
  LockHeld: {
    kind: 'LockHeld',
    path: '/a/lock',
    pid: 42,
    host: 'box',
    since: '2026-11-22T15:00:00Z',
    command: 'build',
  },
  AllMirrorsFailed: { kind: 'AllMirrorsFailed', source: 'linux', attempts },
  ChecksumMismatch: {
    kind: 'ChecksumMismatch',
    source: 'linux',
    want: 'a'.repeat(64),
    got: 'b'.repeat(64),
    mirror: 'https://one.example',
  },
  SourceNotLocked: { kind: 'SourceNotLocked', source: 'linux' },
  ImageNotLocked: { kind: 'ImageNotLocked', image: 'debian-builder' },
  ImageNotAsLocked: {
    kind: 'ImageNotAsLocked',
    image: 'debian-builder',
    difference: {
      added: ['zip.amd64 3.0-13'],
      removed: [],
      changed: Array.from({ length: 9 }, (_, index) => ({ name: `lib${index}.amd64`, locked: '1-1', got: '1-2' })),
    },
  },
  LockedVersionGone: {
    kind: 'LockedVersionGone',
    what: 'image debian-builder',
    packages: [
      { name: 'bash', locked: '5.2-1', offered: '5.2-2' },
      { name: 'zip', locked: '3.0-13', offered: null },
    ],
  },
  VendorInvalid: {
    kind: 'VendorInvalid',
    dir: '/media/usb/lts',
    path: 'images/debian-base.tar',
    detail: 'has 10 bytes instead of 20',
  },
  RegistryFailed: {
    kind: 'RegistryFailed',
    registry: 'registry.example:5000',
    image: 'registry.example:5000/acme/debian-builder:of-1234',
    reason: 'unauthorized: authentication required',
  },
  SourceMissing: { kind: 'SourceMissing', source: 'linux', detail: 'no such file: linux.tar.xz' },
  AptFailed: {
    kind: 'AptFailed',
    source: 'linux',
    code: 'version-not-found',
    detail: 'E: Version 6.1.1 was not found\nE: sorry',
  },
  Offline: { kind: 'Offline', step: 'fetch:linux', what: 'linux.tar.xz' },
  SignatureInvalid: {
    kind: 'SignatureInvalid',
    source: 'kernel-srpm',
    file: 'kernel-2.6.32.src.rpm',
    code: 'srpm-untrusted-key',
    detail: 'signed by key ID 0123456789abcdef',
  },
  KeyMissing: {
    kind: 'KeyMissing',
    source: 'kernel-2.6.32.src.rpm',
    keys: [{ name: 'centos-6', fingerprint: 'C1DAC52D1664E8A4386DBA430946FCA2C105B9DE' }],
    attempts,
  },
  Unavailable: {
    kind: 'Unavailable',
    failures: [
      { kind: 'AllMirrorsFailed', source: 'a.tar.gz', attempts },
      { kind: 'NoBaseImage', image: 'docker.io/library/centos', digest: 'sha256:00', attempts },
    ],
  },
  StepFailed: {
    kind: 'StepFailed',
    step: 'rebuild-srpm:kernel-backend',
    code: 'config-unanswered',
    detail: 'CONFIG_TOA',
    tail,
  },
  KconfigWithoutValue: {
    kind: 'KconfigWithoutValue',
    package: 'kernel-backend',
    patch: 'toa.patch',
    symbols: ['CONFIG_TOA'],
  },
  PatchIgnored: { kind: 'PatchIgnored', patch: 'short.patch', lines: 7 },
  ImageMissing: { kind: 'ImageMissing', image: 'mine:1', advice: 'Load it.' },
  HostUnsuited: {
    kind: 'HostUnsuited',
    what: 'programs of centos need the vsyscall page',
    detail: 'vsyscall=none',
    advice: 'Boot with vsyscall=emulate.',
  },
  ImageBuildFailed: { kind: 'ImageBuildFailed', image: 'debian-builder', step: 'RUN /install.sh', tail },
  ContainerExit: { kind: 'ContainerExit', step: 'rebuild-srpm:k', code: 2, oom: false, tail },
  ContainerIdle: { kind: 'ContainerIdle', step: 'rebuild-srpm:k', seconds: 600, tail },
  TooManyProcesses: { kind: 'TooManyProcesses', step: 'rebuild-srpm:k', limit: 2048, tail },
  ContainerVanished: { kind: 'ContainerVanished', step: 'rebuild-srpm:k', detail: 'no such container' },
  ReceiptMismatch: { kind: 'ReceiptMismatch', step: 'rebuild-srpm:k', detail: 'a.rpm is not in the receipt' },
  HostileArchive: {
    kind: 'HostileArchive',
    archive: 'x.tar',
    member: '../../etc/passwd',
    reason: 'leaves the directory',
  },
  EditMismatch: {
    kind: 'EditMismatch',
    file: 'kernel.spec',
    line: '# % define buildid .local',
    matches: [3, 88],
    near: ['   3  # % define buildid .local', '  88  # % define buildid .local'],
  },
  PatchRejected: {
    kind: 'PatchRejected',
    patch: 'toa.patch',
    file: 'net/ipv4/tcp.c',
    hunk: '#2 at 120',
    reject: ['-a', '+b'],
  },
  ConfigNotKept: {
    kind: 'ConfigNotKept',
    step: 'rebuild-srpm:k',
    symbols: [
      { name: 'CONFIG_IP_VS_TAB_BITS', want: '20', got: '12' },
      { name: 'CONFIG_TOA', want: 'm', got: 'n' },
    ],
  },
  WrongPackages: {
    kind: 'WrongPackages',
    step: 'rebuild-srpm:k',
    want: ['kernel', 'kernel-devel'],
    got: ['kernel', 'perf'],
  },
  ChecksFailed: {
    kind: 'ChecksFailed',
    step: 'verify-install:director',
    checks: [{ id: 'ipvs-module', want: 'ip_vs\n', got: 'modinfo: not found\nexit 1' }],
  },
  PairMismatch: {
    kind: 'PairMismatch',
    step: 'verify-pair',
    checks: [
      { id: 'toa-option', want: 'the same number in both', got: 'director 200, backend 254' },
      { id: 'config:director:CONFIG_IP_VS_TAB_BITS', want: '20', got: '12' },
    ],
  },
  StoreCorrupt: { kind: 'StoreCorrupt', digest: 'a'.repeat(64), got: 'b'.repeat(64), path: "/store/it's" },
  SnapshotInvalid: { kind: 'SnapshotInvalid', snapshot: 'S1', problems: ['a.rpm differs', 'b.rpm is missing'] },
  ToldMissing: {
    kind: 'ToldMissing',
    snapshot: '20261122T151617Z-0123456789ab',
    missing: [
      {
        what: 'builder-image:debian-builder makes something else today',
        lines: ['told, not there now: gcc-12 12.2.0-14 amd64', 'there now instead:   gcc-12 12.2.0-14+deb12u1 amd64'],
      },
      { what: 'file recipe/hello.spec', lines: [`want  sha256 ${'a'.repeat(64)}`] },
    ],
  },
  ExchangeInvalid: {
    kind: 'ExchangeInvalid',
    file: '/a/kernel-director.tar',
    member: `objects/${'a'.repeat(64)}`,
    reason: `its bytes have the sha256 ${'b'.repeat(64)} instead of ${'a'.repeat(64)}`,
  },
  ExchangeConflict: {
    kind: 'ExchangeConflict',
    file: '/a/kernel-director.tar',
    step: 'rebuild-srpm:kernel-director',
    key: 'c'.repeat(64),
    here: [`rpm kernel-1-1.x86_64.rpm ${'a'.repeat(64)}`],
    there: [`rpm kernel-1-1.x86_64.rpm ${'b'.repeat(64)}`],
  },
  FileChanged: { kind: 'FileChanged', path: 'patches/toa.patch', want: 'a'.repeat(64), got: 'b'.repeat(64) },
  EngineUnavailable: {
    kind: 'EngineUnavailable',
    endpoint: 'unix:///var/run/docker.sock',
    reason: 'EACCES',
    advice: 'Add yourself to the group docker.',
  },
  EngineTooOld: { kind: 'EngineTooOld', have: '1.38', need: '1.41' },
  DiskFull: { kind: 'DiskFull', path: '/store/tmp/x', detail: 'ENOSPC: no space left on device, write' },
  NoBaseImage: { kind: 'NoBaseImage', image: 'debian:bookworm', attempts },
  Cancelled: { kind: 'Cancelled' },
  Internal: {
    kind: 'Internal',
    message: 'x is not a function\nmore',
    stack: 'TypeError: x is not a function\n    at y (z.ts:1:2)',
  },
};
