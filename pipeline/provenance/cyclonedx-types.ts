/** The part of CycloneDX 1.6 (cyclonedx.org/docs/1.6/json) that we write. */
export interface Component {
  readonly type: 'application' | 'file' | 'platform';
  readonly 'bom-ref'?: string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly hashes?: readonly { readonly alg: 'SHA-256'; readonly content: string }[];
  readonly licenses?: readonly { readonly license: Readonly<Record<string, string>> }[];
  readonly purl?: string;
  readonly pedigree?: Pedigree;
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[];
  readonly properties?: readonly Property[];
}

/** Where a component comes from and how it was changed. */
export interface Pedigree {
  readonly ancestors: readonly Component[];
  readonly patches: readonly { readonly type: 'unofficial'; readonly diff: { readonly url: string } }[];
}

/** A value that CycloneDX has no field for. */
interface Property {
  readonly name: string;
  readonly value: string;
}

/** One row of the graph: what a component was made of. */
export interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

export interface Bom {
  readonly $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json';
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    /** ISO 8601, UTC. */
    readonly timestamp: string;
    readonly tools: { readonly components: readonly Component[] };
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
}
