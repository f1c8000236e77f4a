/** Who made a thing in the engine: the artifacts directory that owns it, and the run. */
export interface Identity {
  readonly owner: string;
  readonly runId: string;
}

/** Keys of our labels. `temporary` marks a volume that may be removed together with a dead run. */
export const LABEL = {
  marker: 'fullnat-factory',
  owner: 'fullnat-factory.owner',
  run: 'fullnat-factory.run',
  step: 'fullnat-factory.step',
  kind: 'fullnat-factory.kind',
  temporary: 'fullnat-factory.temporary',
} as const;

/**
 * The labels of everything that a run makes for a step. The kind is there because a container inherits the labels of its
 * image: one that a person starts from an image of ours says `image` and is not ours to sweep.
 */
export function labelsFor(
  identity: Identity,
  kind: 'container' | 'image' | 'volume',
  step: string,
): Record<string, string> {
  return {
    [LABEL.marker]: '1',
    [LABEL.owner]: identity.owner,
    [LABEL.run]: identity.runId,
    [LABEL.step]: step,
    [LABEL.kind]: kind,
  };
}

/** The engine's filter for things that carry all these labels. */
export function labelFilter(labels: Readonly<Record<string, string>>): { label: string[] } {
  return { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) };
}

/** The engine's filter for everything of a kind that an owner made, in any run. */
export function ownedBy(owner: string, kind: 'container' | 'image' | 'volume'): { label: string[] } {
  return labelFilter({ [LABEL.marker]: '1', [LABEL.owner]: owner, [LABEL.kind]: kind });
}
