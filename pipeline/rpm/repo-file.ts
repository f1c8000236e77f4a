/**
 * A yum .repo file that follows the pointer and checks every signature. `url` is the recipe's published tree, without a slash
 * at its end; `others`: fingerprints of keys other than the current one by which snapshots that are still kept are signed. A client
 * takes them only when it meets such a snapshot, after a rollback.
 */
export function repoFileText(recipe: string, url: string, others: readonly string[] = []): string {
  return [
    `[fullnat-${recipe}]`,
    `name=LVS FULLNAT kernels and tools (${recipe})`,
    `mirrorlist=${url}/mirrorlist`,
    'enabled=1',
    'gpgcheck=1',
    'repo_gpgcheck=1',
    `gpgkey=${[`${url}/RPM-GPG-KEY-factory`, ...others.map((one) => `${url}/keys/${one}.asc`)].join(' ')}`,
    'metadata_expire=60',
    '',
  ].join('\n');
}

/** Name under which the .repo file lies beside the pointer. */
export function repoFileName(recipe: string): string {
  return `fullnat-${recipe}.repo`;
}
