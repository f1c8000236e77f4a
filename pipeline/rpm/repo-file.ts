/**
 * A yum .repo file that follows the pointer and checks every signature. `url` is the recipe's published tree, without a slash
 * at its end; `others`: fingerprints of keys other than the current one by which snapshots that are still kept are signed. A client
 * takes them only when it meets such a snapshot, after a rollback. It is disabled, for `--enablerepo`: both roles' kernels are called
 * `kernel` and the backend's sorts last, so a mere `yum update` of an enabled one would put it on a director.
 */
export function repoFileText(recipe: string, url: string, others: readonly string[] = []): string {
  return [
    `[${repoId(recipe)}]`,
    `name=LVS FULLNAT kernels and tools (${recipe})`,
    `mirrorlist=${url}/mirrorlist`,
    'enabled=0',
    'gpgcheck=1',
    'repo_gpgcheck=1',
    `gpgkey=${[`${url}/RPM-GPG-KEY-factory`, ...others.map((one) => `${url}/keys/${one}.asc`)].join(' ')}`,
    'metadata_expire=60',
    '',
  ].join('\n');
}

/** Name of the repository in that file, as yum's `--enablerepo` takes it. */
export function repoId(recipe: string): string {
  return `fullnat-${recipe}`;
}

/** Name under which the .repo file lies beside the pointer. */
export function repoFileName(recipe: string): string {
  return `${repoId(recipe)}.repo`;
}
