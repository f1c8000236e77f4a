import type { Sha256 } from '../../plan/artifact.ts';
import type { DownloadLimits } from './limits.ts';

/** What every try of one download shares. */
export interface Wanted {
  readonly file: string;
  readonly sha256: Sha256 | null;
  readonly size: number | null;
  readonly limits: DownloadLimits;
  readonly signal: AbortSignal;
  readonly onBytes: (done: number, total: number | null) => void;
}
