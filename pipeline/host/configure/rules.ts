import type { Report } from '../../recipe/report.ts';
import { addressRules } from './rules-addresses.ts';
import { kindRules } from './rules-kind.ts';
import { ospfRules } from './rules-ospf.ts';
import { serviceRules } from './rules-services.ts';
import type { ClusterKind } from './cluster.ts';
import type { ClusterInput } from './schema.ts';

/** Where rules put what they find: problems stop, warnings are told. */
export interface Findings {
  readonly report: Report;
  readonly warn: (message: string) => void;
}

/** What a schema cannot say: addresses that collide, names that refer to nothing, directors that would get no traffic. */
export function checkCluster(cluster: ClusterInput, kind: ClusterKind, findings: Findings): void {
  addressRules(cluster, findings);
  serviceRules(cluster, findings);
  ospfRules(cluster, findings);
  kindRules(cluster, kind, findings);
}
