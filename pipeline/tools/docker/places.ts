import type { RunSpec } from '../tools.ts';

/** A directory of a container with a read-only root that lies on a volume. */
export interface Place {
  /** Absolute. */
  readonly path: string;
  readonly mode: number;
  readonly readOnly: boolean;
  /** Name of the volume of the spec; null: one of its own that goes with the container. */
  readonly volume: string | null;
}

const COMMON: readonly Place[] = [
  { path: '/in', mode: 0o755, readOnly: true, volume: null },
  { path: '/step', mode: 0o755, readOnly: true, volume: null },
  { path: '/out', mode: 0o755, readOnly: false, volume: null },
  { path: '/tmp', mode: 0o1777, readOnly: false, volume: null },
  { path: '/var/tmp', mode: 0o1777, readOnly: false, volume: null },
];

/** Every directory of a container with a read-only root that is not part of that root, but for its tmpfs. */
export function placesOf(spec: Pick<RunSpec, 'scratch' | 'tmpfs' | 'volumes'>): Place[] {
  const own = (path: string): Place => ({ path, mode: 0o755, readOnly: false, volume: null });
  const all = [...COMMON, ...(spec.scratch ?? []).map(own)].filter(
    ({ path }) => !(path in spec.tmpfs) && !(path in spec.volumes),
  );
  return [...all, ...Object.entries(spec.volumes).map(([path, volume]) => ({ ...own(path), volume }))];
}

/** With a read-only root a file arrives only on a volume. Throws a TypeError for one that would not. */
export function checkPlaces(spec: RunSpec): void {
  if (spec.writableRoot !== undefined) return;
  const places = placesOf(spec);
  const lost = spec.files.find(({ path }) => !places.some((place) => `/${path}`.startsWith(`${place.path}/`)));
  if (lost !== undefined) throw new TypeError(`no volume for the file ${JSON.stringify(lost.path)}`);
}
