import type { SlsaProvenance, Statement } from './in-toto.ts';

/** What a provenance carries beside the steps. */
export interface ToldDocuments {
  /** Bytes of files of the recipe and the factory, of descriptors and package sets, by sha256. Nobody hashed them yet. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** Where a step's file comes from. */
  readonly uri: (stepId: string) => string | undefined;
  /** Its version without what a distribution adds to it. */
  readonly version: (stepId: string) => string | undefined;
  /** What a base was, as in an ImageDescriptor: `registry:sha256:…` or `tree:sha256:…`. */
  readonly baseIdentity: (stepId: string) => string | undefined;
  /** The engine's id of an image that somebody brought along, by the digest of its descriptor. */
  readonly engineImage: (digest: string) => string | undefined;
}

/** The documents among the resolved dependencies of a provenance. */
export function toldDocuments({ predicate }: Statement<SlsaProvenance>): ToldDocuments {
  const all = predicate.buildDefinition.resolvedDependencies;
  const contents = new Map<string, Buffer>();
  for (const { digest, content } of all)
    if (digest?.sha256 !== undefined && content !== undefined)
      contents.set(digest.sha256, Buffer.from(content, 'base64'));
  const of = (kind: string, stepId: string) =>
    all.find(({ annotations }) => annotations?.kind === kind && annotations.step === stepId);
  const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    contents,
    uri: (stepId) => of('source', stepId)?.uri,
    version: (stepId) => word(of('source', stepId)?.annotations?.version),
    baseIdentity: (stepId) => word(of('base-image', stepId)?.annotations?.identity),
    engineImage(descriptor) {
      const image = all.find(
        ({ digest, annotations }) => annotations?.kind === 'image' && digest?.sha256 === descriptor,
      );
      const base = word(image?.annotations?.base);
      return base?.startsWith('engine:') === true ? base.slice('engine:'.length) : undefined;
    },
  };
}
