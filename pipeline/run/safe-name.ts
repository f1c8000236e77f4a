/**
 * A step id as a file name: no two ids share one, none is a path, and every file system and artifact upload takes it.
 * `rebuild-srpm:kernel-director` -> `rebuild-srpm~kernel-director`.
 */
export function safeName(stepId: string): string {
  return encodeURIComponent(stepId)
    .replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', '~');
}
