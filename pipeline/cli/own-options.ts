import type { ClusterKind } from '../host/configure/cluster.ts';

/** Options of single commands. */
export interface OwnOptions {
  readonly port?: number;
  readonly host?: string;
  readonly tag?: readonly string[];
  readonly snapshots?: number;
  readonly push?: boolean;
  readonly baseUrl?: string;
  readonly refresh?: boolean;
  readonly keepRuns?: number;
  readonly keep?: number;
  readonly crossCheck?: boolean;
  readonly rebuild?: string | true;
  readonly from?: 'provenance' | 'checkout';
  readonly snapshot?: string;
  readonly name?: string;
  readonly email?: string;
  readonly bits?: number;
  readonly out?: string;
  readonly kind?: ClusterKind;
  readonly force?: boolean;
  readonly check?: boolean;
  readonly passphraseFile?: string;
  readonly matrix?: boolean;
  readonly without?: readonly string[];
  readonly withoutSources?: boolean;
  readonly withoutPushed?: boolean;
  readonly sha256?: readonly string[];
}
