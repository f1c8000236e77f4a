import type { PackageHistory } from './account.ts';

/** One patch of a package. */
export interface PatchFile {
  readonly name: string;
  /** sha256 in hex. */
  readonly digest: string;
  /** Whether it is a file of the recipe, and not taken out of an upstream archive. */
  readonly own: boolean;
}

/** The patches that a package is built with, in the order in which they are applied. */
export function patchesOf({ assemble }: PackageHistory): readonly PatchFile[] {
  const { patchNames, patches } = assemble.step.params;
  const upstream = assemble.record.identity.inputs.patches ?? [];
  return [
    ...upstream.map(({ digest, name }, at) => ({ name: patchNames[at] ?? name, digest, own: false })),
    ...(patches?.files ?? []).map(({ path, sha256 }) => ({
      name: path.slice(path.lastIndexOf('/') + 1),
      digest: sha256,
      own: true,
    })),
  ];
}
