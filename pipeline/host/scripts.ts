/** What scripts for hosts share: beginning, fetching, keys, the signed pointer, the sums of a snapshot. */
const SHARED = ['lib/begin.sh', 'lib/fetch.sh', 'lib/signer.sh', 'lib/pointer.sh', 'lib/sums.sh'];

/** Parts of install.sh, the last one last: it is the one that runs something. */
const INSTALL = [
  ...['state', 'files', 'manifest', 'trust', 'host', 'packages', 'transactions', 'wishes', 'wanted'],
  ...['boot', 'boot-legacy', 'boot-legacy-entry', 'boot-legacy-stage2', 'boot-grub2', 'boot-grub2-files'],
  ...['devices', 'devices-root'],
  ...['plan', 'live', 'apply', 'verify', 'rollback', 'main'],
];

/**
 * The scripts that are published for hosts, by the name that they are published under: paths of their parts below
 * pipeline/host/, in the order in which they are put together.
 */
export const HOST_SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  'check-repository.sh': ['check-repository.sh', ...SHARED, 'lib/complete.sh', 'lib/check-repository-main.sh'],
  'install.sh': ['install/head.sh', ...SHARED, ...INSTALL.map((part) => `install/${part}.sh`)],
};

/**
 * One script out of its parts: the first part's shebang and licence, and of the parts' heads nothing that is there for
 * shellcheck only (it looks at parts one by one, and would miss the variables of the others).
 */
export function bundleScript(parts: readonly string[]): string {
  return parts.map((part, index) => (index === 0 ? withoutHints(part) : withoutHead(part))).join('');
}

function withoutHints(part: string): string {
  return part
    .split('\n')
    .filter((line) => !/^# shellcheck (source|disable)=/.test(line))
    .join('\n');
}

/** What follows shebang and licence; each part is named by a comment of its own. */
function withoutHead(part: string): string {
  return withoutHints(part).replace(/^#!.*\n# SPDX-License-Identifier: .*\n(#\n)?/, '');
}
