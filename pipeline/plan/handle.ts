import type { ArtifactKind } from './artifact.ts';

/** "The outputs of that step that are of this kind": exactly one where a single handle is wanted. */
export interface Handle<K extends ArtifactKind> {
  readonly step: string;
  readonly kind: K;
  /** For packages: only those whose RPM name (the N of the NEVRA) is this. */
  readonly rpmName?: string;
}
