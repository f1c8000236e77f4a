import { assembleSrpm } from './assemble-srpm.ts';
import { baseImage } from './base-image.ts';
import { builderImage } from './builder-image.ts';
import { extractMember } from './extract-member.ts';
import { fetchApt } from './fetch-apt.ts';
import { fetchFile } from './fetch-file.ts';
import { fetchHttp } from './fetch-http.ts';
import { publish } from './publish.ts';
import { rebuildSrpm } from './rebuild-srpm.ts';
import { sign } from './sign.ts';
import { signingKey } from './signing-key.ts';
import { snapshot } from './snapshot.ts';
import type { StageTable } from './stage.ts';
import { verifyInstall } from './verify-install.ts';

/** Table of contents: every stage, in the order in which a plan uses them. */
export const stages: StageTable = {
  'fetch-http': fetchHttp,
  'fetch-file': fetchFile,
  'fetch-apt': fetchApt,
  'extract-member': extractMember,
  'base-image': baseImage,
  'builder-image': builderImage,
  'assemble-srpm': assembleSrpm,
  'rebuild-srpm': rebuildSrpm,
  'signing-key': signingKey,
  sign,
  snapshot,
  'verify-install': verifyInstall,
  publish,
};
