import type { Capacity } from './capacity.ts';
import type { Cluster } from './cluster.ts';
import { MARK } from './host-file.ts';
import type { HostFiles } from './hosts.ts';
import type { OutputFile } from './write.ts';

/** cluster.json: what there is for whom, and what it is good for. Holds no secret and no digest of one. */
export function summaryFile(cluster: Cluster, hosts: readonly HostFiles[], capacity: Capacity): OutputFile {
  const summary = {
    generated: `from ${cluster.source} ${MARK}`,
    format: 1,
    cluster: cluster.name,
    kind: cluster.kind,
    hosts: hosts.map(({ name, role, files }) => ({
      name,
      role,
      files: files.map(({ path, mode }) => ({ path: `/${path}`, mode: mode.toString(8).padStart(4, '0') })),
    })),
    capacity,
    warnings: cluster.warnings,
  };
  return { path: 'cluster.json', mode: 0o644, text: `${JSON.stringify(summary, null, 2)}\n` };
}
