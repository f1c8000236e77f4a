import { assembleSrpm } from './assemble-srpm.ts';
import { baseImage } from './base-image.ts';
import { builderImage } from './builder-image.ts';
import { crossCheck } from './cross-check.ts';
import { extractMember } from './extract-member.ts';
import { fetchApt } from './fetch-apt.ts';
import { fetchFile } from './fetch-file.ts';
import { fetchHttp } from './fetch-http.ts';
import { givenImage } from './given-image.ts';
import { installManifestStage } from './install-manifest.ts';
import { publish } from './publish.ts';
import { rebuildSrpm } from './rebuild-srpm.ts';
import { repackTree } from './repack-tree.ts';
import { sign } from './sign.ts';
import { signingKey } from './signing-key.ts';
import { snapshot } from './snapshot.ts';
import type { StageTable } from './stage.ts';
import { verifyBoot } from './verify-boot.ts';
import { verifyInstall } from './verify-install.ts';
import { verifyPair } from './verify-pair.ts';
import { verifySrpm } from './verify-srpm.ts';

/** Table of contents: every stage, in the order in which a plan uses them. */
export const stages: StageTable = {
  'fetch-http': fetchHttp,
  'fetch-file': fetchFile,
  'fetch-apt': fetchApt,
  'verify-srpm': verifySrpm,
  'extract-member': extractMember,
  'repack-tree': repackTree,
  'base-image': baseImage,
  'given-image': givenImage,
  'builder-image': builderImage,
  'assemble-srpm': assembleSrpm,
  'rebuild-srpm': rebuildSrpm,
  'signing-key': signingKey,
  sign,
  'verify-pair': verifyPair,
  'install-manifest': installManifestStage,
  snapshot,
  'verify-install': verifyInstall,
  'verify-boot': verifyBoot,
  publish,
  'cross-check': crossCheck,
};
