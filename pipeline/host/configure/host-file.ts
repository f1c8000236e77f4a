import type { Cluster } from './cluster.ts';

/** A file of a host. */
export interface HostFile {
  /** Where it goes on the host, without the leading slash. */
  readonly path: string;
  /** 0o600 for what holds a secret, 0o755 for scripts. */
  readonly mode: 0o600 | 0o644 | 0o755;
  readonly text: string;
}

/** What says that a file is ours and may be written again. */
export const MARK = 'by fullnat-factory; do not edit';

/** The first line of a generated file, behind the comment sign of its format. */
export function header(comment: '!' | '#', { name, kind, source }: Cluster, host: string): string {
  return `${comment} generated from ${source} (cluster ${name}, kind ${kind}, host ${host}) ${MARK}`;
}

/** Where everything of ours lies on a director. */
export const ETC = 'etc/fullnat';

/** Lines as the text of a file. */
export const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
