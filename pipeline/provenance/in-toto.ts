/** A thing and its digest (in-toto attestation v1, resource_descriptor.md). At least one of uri, digest and content is there. */
export interface ResourceDescriptor {
  readonly name?: string;
  readonly uri?: string;
  /** Algorithm to lower-case hex. */
  readonly digest?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly content?: string;
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** in-toto attestation v1, statement.md. */
export interface Statement<Predicate> {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

/** slsa.dev/spec/v1.0/provenance. Times and everything else that differs between equal builds are left out. */
export interface SlsaProvenance {
  readonly buildDefinition: {
    readonly buildType: string;
    readonly externalParameters: Readonly<Record<string, unknown>>;
    readonly internalParameters: Readonly<Record<string, unknown>>;
    readonly resolvedDependencies: readonly ResourceDescriptor[];
  };
  readonly runDetails: {
    readonly builder: { readonly id: string };
    readonly metadata: { readonly invocationId: string };
    readonly byproducts: readonly ResourceDescriptor[];
  };
}
