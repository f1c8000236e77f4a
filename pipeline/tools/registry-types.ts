import type { TransferHooks } from './container-types.ts';

/** What asking a registry for an image came to. */
export type Pulled =
  /** `pinned`: what it was, `registry/path@sha256:…`. */
  | { readonly kind: 'image'; readonly id: string; readonly pinned: string }
  | { readonly kind: 'absent' }
  /** `told`: the same registry has failed before in this run. */
  | { readonly kind: 'failed'; readonly registry: string; readonly reason: string; readonly told: boolean };

/** How an exchange with a registry is watched: TransferHooks without what the registry tool knows itself. */
export type RegistryHooks = Omit<TransferHooks, 'login'>;

/** Registries of images, asked and filled by the engine, with our login, retries and patience. */
export interface Registry {
  /**
   * Brings an image into the engine: `registry/path@sha256:…`, or `registry/path:tag`, whose digest is asked for first. What a
   * registry has to say is returned and not thrown. Failures: DiskFull, EngineUnavailable, Cancelled.
   */
  pull(reference: string, hooks: RegistryHooks): Promise<Pulled>;
  /**
   * Pushes an image under all these tags; what is there already under a tag is left alone. `digest`: under the first. Failures: RegistryFailed,
   * SourceMissing, DiskFull, EngineUnavailable, Cancelled.
   */
  push(
    image: { readonly id: string; readonly repository: string; readonly tags: readonly [string, ...string[]] },
    hooks: RegistryHooks,
  ): Promise<{ readonly digest: string; readonly pushed: boolean }>;
}
