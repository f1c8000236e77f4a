import { z } from 'zod';
import { fileName, line, name, path, sha256, strict } from './schema-parts.ts';

const url = z
  .string()
  .regex(/^(https?|ftp):\/\/[^\s/]+\/\S+$/, { error: 'must be an http, https or ftp URL of a file' })
  .describe('URL of the file');

/** Where one upstream file comes from. */
export const sourceSchema = z.discriminatedUnion('kind', [
  strict({
    kind: z.literal('http').describe('A file on a web server'),
    urls: z
      .array(
        z.union([
          url,
          strict({ url, key: name.describe('Name of the key that signs the source package which lies there') }),
        ]),
      )
      .min(1, { error: 'must name at least one URL' })
      .describe('Mirrors, tried in this order; all with a key, or none'),
    file: fileName.describe('Name of the file once it is here'),
    sha256: sha256.optional().describe('Checksum published by upstream; without it the lock file must have one'),
    size: z.int().positive().optional().describe('Size in bytes, where it is known'),
  }),
  strict({
    kind: z.literal('file').describe("A file in the recipe's folder"),
    path: path.describe("Path below the recipe's folder"),
  }),
  strict({
    kind: z.literal('apt').describe('A file of a Debian archive, verified by the signed index'),
    package: line
      .regex(/^[a-z0-9][a-z0-9.+-]+$/, { error: 'must be the name of a Debian package' })
      .describe('Package'),
    source: z.boolean().optional().describe('Take a file of the source package instead of the .deb'),
    file: line.optional().describe('With source: glob for the one wanted file, such as ipvsadm_*.orig.tar.*'),
  }),
  strict({
    kind: z.literal('member').describe('One file out of an archive that is another source'),
    of: name.describe('Name of that source'),
    path: path.describe('Path of the file in the archive'),
    file: fileName.describe('Name of the file once it is out'),
  }),
]);
