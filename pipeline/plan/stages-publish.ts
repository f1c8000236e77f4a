import type { Handle } from './handle.ts';
import type { VerifyPairParams } from './pair.ts';
import type * as P from './params-publish.ts';

/** The stages that sign, prove and publish what was built; the other half of Stages. */
export interface PublishStages {
  'signing-key': { params: P.SigningKeyParams; inputs: { builder: Handle<'image'> }; hints: object };
  sign: {
    params: P.SignParams;
    inputs: {
      builder: Handle<'image'>;
      key: Handle<'public-key'>;
      rpms: readonly Handle<'rpm'>[];
      srpm: Handle<'srpm'>;
    };
    hints: object;
  };
  'verify-pair': {
    params: VerifyPairParams;
    inputs: {
      publisher: Handle<'image'>;
      director: Handle<'signed-rpm'>;
      /** The director's package with the kernel's header. */
      headers: Handle<'signed-rpm'>;
      backend: Handle<'signed-rpm'>;
      tools: readonly Handle<'signed-rpm'>[];
      /** The tools' source package. */
      srpm: Handle<'signed-srpm'>;
    };
    hints: object;
  };
  'install-manifest': {
    params: P.InstallManifestParams;
    inputs: {
      publisher: Handle<'image'>;
      key: Handle<'public-key'>;
      /** Of the role, in the order of the recipe. */
      rpms: readonly Handle<'signed-rpm'>[];
      /** None where the recipe names no pair. */
      pair: readonly Handle<'pair'>[];
    };
    hints: object;
  };
  snapshot: {
    params: P.SnapshotParams;
    inputs: {
      builder: Handle<'image'>;
      key: Handle<'public-key'>;
      rpms: readonly Handle<'signed-rpm'>[];
      srpms: readonly Handle<'signed-srpm'>[];
      /** None where the recipe names no pair. */
      pair: readonly Handle<'pair'>[];
      /** Of the roles that have one; likewise what goes with it. */
      manifests: readonly Handle<'install-manifest'>[];
      devices: readonly Handle<'devices'>[];
      hostFiles: readonly Handle<'host-file'>[];
    };
    hints: object;
  };
  'verify-install': {
    params: P.VerifyInstallParams;
    inputs: { target: Handle<'image'>; snapshot: Handle<'snapshot'> };
    hints: object;
  };
  'verify-boot': {
    params: P.VerifyBootParams;
    inputs: {
      runner: Handle<'image'>;
      snapshot: Handle<'snapshot'>;
      director: Handle<'rootfs'>;
      backend: Handle<'rootfs'>;
    };
    hints: object;
  };
  publish: {
    params: P.PublishParams;
    inputs: {
      builder: Handle<'image'>;
      key: Handle<'public-key'>;
      snapshot: Handle<'snapshot'>;
      evidence: readonly Handle<'evidence'>[];
    };
    hints: { readonly baseUrl: string };
  };
}
