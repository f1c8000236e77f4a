import { z } from 'zod';
import type { UnpackLimits } from '../plan/params.ts';
import { strict } from './schema-parts.ts';

/** What an archive of upstream may hold. */
export const limitsSchema = strict({
  members: z.int().positive().max(2_000_000).optional().describe('Members of one archive. Default: 200000'),
  unpackedMiB: z.int().positive().max(1_048_576).optional().describe('Size of one archive unpacked. Default: 8192'),
  pathBytes: z.int().positive().max(4096).optional().describe('Length of the path of a member. Default: 1024'),
  ratio: z
    .int()
    .positive()
    .max(50_000)
    .optional()
    .describe('Times its packed size that an archive may unpack to, beyond the first 16 MiB. Default: 100'),
});

/** With the defaults: the tree of Linux 6.1 has 83,000 members, 1.4 GiB unpacked, paths of 100 bytes, a ratio of 11. */
export function unpackLimits(input: z.output<typeof limitsSchema> | undefined): UnpackLimits {
  const { members = 200_000, unpackedMiB = 8192, pathBytes = 1024, ratio = 100 } = input ?? {};
  return { members, bytes: unpackedMiB * 1024 ** 2, pathBytes, ratio };
}
