import { z } from 'zod';
import { line, name, releasePart, rpmOf, strict, words } from './schema-parts.ts';
import { bootSchema } from './schema-boot.ts';
import { hostSchema } from './schema-host.ts';
import { baseSchema, imageSchema, keySchema } from './schema-images.ts';
import { limitsSchema } from './schema-limits.ts';
import { packageSchema } from './schema-packages.ts';
import { pairSchema } from './schema-pair.ts';
import { sourceSchema } from './schema-sources.ts';

// Tabs separate the fields of the list that verify-install.sh reads.
const argument = line
  .regex(/^[^\t]+$/, { error: 'must have no tab in it' })
  .describe('Path or command; {release} is the version-release.arch of the kernel');
const expected = z
  .string()
  .regex(/^[^\t\r\n]*$/, { error: 'must be one line without a tab' })
  .describe('What must be found; {release} as in argument');
const checkId = name.describe('Name of the check in the evidence');

const check = z.discriminatedUnion('kind', [
  strict({ id: checkId, kind: z.literal('file').describe('The path exists'), argument }),
  strict({ id: checkId, kind: z.literal('file-contains').describe('The file contains the text'), argument, expected }),
  strict({
    id: checkId,
    kind: z.literal('command').describe('The command succeeds and prints that'),
    argument,
    expected,
  }),
]);

const role = strict({
  packages: z
    .array(rpmOf)
    .min(1, { error: 'must name at least one package' })
    .describe('What a host of this role installs'),
  checks: z.array(check).optional().describe('What must hold after the installation on a clean machine'),
  host: hostSchema.optional().describe('What a host of this role becomes. Default: no install manifest is published'),
});

/** Everything that a recipe.yaml may say. `z.toJSONSchema(recipeSchema, { io: 'input' })` is for editors. */
export const recipeSchema = strict({
  schema: z.literal(1, { error: 'must be 1' }).describe('Version of this format'),
  name: name.describe('Name of the recipe: that of its folder'),
  extends: line
    .optional()
    .describe('A recipe of the factory by name, or the path of another one: this one says only what differs from it'),
  description: words.describe('One line for people'),
  epoch: z
    .int()
    .min(946_684_800, { error: 'must be seconds since 1970, not before the year 2000' })
    .max(4_102_444_800, { error: 'must be seconds since 1970, not after the year 2100' })
    .describe('SOURCE_DATE_EPOCH in seconds: the only clock that packages see'),
  dist: releasePart.describe('The %dist of all packages'),
  bases: z.record(name, baseSchema).describe('Images that everything else starts from, by name'),
  images: strict({
    builder: imageSchema.describe('Where packages are built'),
    target: imageSchema.describe('The clean machine that packages are installed on'),
    publisher: imageSchema
      .optional()
      .describe('Where source packages are verified and packages signed and indexed. Default: the builder'),
    runner: imageSchema.optional().describe('Where published packages are booted'),
  }).describe('Images made on top of the bases'),
  limits: limitsSchema.optional().describe('What archives of upstream may hold; more is refused'),
  keys: z.record(name, keySchema).optional().describe('Keys of upstream that sign source packages, by name'),
  sources: z.record(name, sourceSchema).describe('Upstream files by name'),
  packages: z.record(name, packageSchema).describe('What is built, by name'),
  roles: z.record(name, role).describe('What hosts install, by role'),
  pair: pairSchema.optional().describe('What must be equal in what is used together. Default: nothing is compared'),
  verify: strict({
    boot: bootSchema.optional().describe('How published packages are booted. Default: they are not'),
  })
    .optional()
    .describe('What is proven before publishing, beside the installation'),
  signing: strict({
    name: line.describe('Name of the signing key'),
    email: line.regex(/^[^@\s<>]+@[^@\s<>]+$/, { error: 'must be an e-mail address' }).describe('Address of the key'),
  }).describe('Identity of the key that signs packages and repository'),
  publish: strict({
    baseUrl: line
      .regex(/^(https?:\/\/[^\s/]+|file:\/\/\/)\S*$/, { error: 'must be an http, https or file URL' })
      .describe('Where clients find the published tree of this recipe'),
    validDays: z
      .int()
      .min(1, { error: 'must be a number of days from 1 to 3650' })
      .max(3650, { error: 'must be a number of days from 1 to 3650' })
      .optional()
      .describe('Days until hosts refuse a pointer that nobody renewed. Default: 30'),
  }).describe('Publishing'),
});

/** A recipe.yaml as written, after its shape was checked. */
export type RecipeInput = z.output<typeof recipeSchema>;
export type SourceInput = RecipeInput['sources'][string];
export type PackageInput = RecipeInput['packages'][string];
