import { backendFiles } from './backend.ts';
import type { Cluster } from './cluster.ts';
import type { HostFile } from './host-file.ts';
import { keepalivedConf } from './keepalived.ts';
import { routingFiles } from './routing.ts';
import { settingsFiles } from './settings.ts';
import { startFiles } from './start.ts';
import { sysctlConf } from './sysctl.ts';

/** A host with everything that goes onto it. */
export interface HostFiles {
  readonly name: string;
  readonly role: 'director' | 'backend';
  /** Sorted by path. */
  readonly files: readonly HostFile[];
}

/** All files of all hosts: a function of the cluster and of director.sh, nothing else. */
export function hostsOf(cluster: Cluster, directorScript: string): HostFiles[] {
  return [
    ...cluster.directors.map((director) =>
      host('director', director.name, [
        keepalivedConf(cluster, director),
        ...routingFiles(cluster, director),
        ...settingsFiles(cluster, director, directorScript),
        sysctlConf(cluster, director),
        ...startFiles(cluster, director.name),
      ]),
    ),
    ...cluster.backends.map((backend) => host('backend', backend.name, backendFiles(cluster, backend))),
  ];
}

function host(role: HostFiles['role'], name: string, files: HostFile[]): HostFiles {
  return { role, name, files: files.sort((one, other) => (one.path < other.path ? -1 : 1)) };
}
