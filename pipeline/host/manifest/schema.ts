import { z } from 'zod';

// Strings are one line without control characters, so that awk on CentOS 6 can read the file; see docs/manifest.md.
const line = z.string().regex(/^[ -~]*$/);
const words = z.string().regex(/^[ -~]+$/);
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('sha256 of the file');
const size = z.int().nonnegative().describe('Its size in bytes');
const below = z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[A-Za-z0-9_.+@~^/-]+$/);
const absolute = z.string().regex(/^(?!.*\/\.{0,2}(\/|$))(\/[A-Za-z0-9_.@+-]+)+$/);
const reason = words.describe('Why, for the operator');
const onOff = z.enum(['on', 'off']);
const check = z.strictObject({
  id: words.describe('Name of the check'),
  command: words.describe('For sh -c'),
  expected: line.describe('Its whole output, without the last line end'),
});

/** An install manifest: what a host of a role installs, changes and checks. docs/manifest.md tells the fields. */
export const manifestSchema = z
  .strictObject({
    schema: z.literal(1).describe('Version of this format'),
    role: words.describe('Role that a host gets'),
    recipe: words.describe('Recipe that made the packages'),
    pair: words.nullable().describe('Id of the pair: equal on all hosts that work together; null: none is compared'),
    platform: z
      .strictObject({
        arch: words.describe('What uname -m says'),
        distributions: z
          .array(
            z.strictObject({
              id: words.describe('ID of os-release, or what system-release-cpe says'),
              versions: z.array(words).min(1).describe('Major versions'),
            }),
          )
          .min(1)
          .describe('Where it may be installed'),
        bootMiB: z.int().positive().describe('Free space that /boot must have before kernels are installed'),
      })
      .describe('Which hosts'),
    kernel: z
      .strictObject({
        release: words.describe('What uname -r says under it'),
        image: absolute.describe('Where it lies once it is installed'),
        initramfs: absolute.nullable().describe('The initramfs that the host makes for it; null: none is used'),
        arguments: z.array(words).describe('Added to those of the present default entry'),
        devices: z
          .strictObject({ file: below.describe('Below the snapshot'), sha256, size })
          .describe('Modules of the kernel and the devices that they drive'),
      })
      .describe('The kernel'),
    packages: z
      .array(
        z.strictObject({
          name: words.describe('Name of the RPM'),
          nevra: words.describe('Name, version, release and architecture, without the epoch'),
          epoch: z.int().nonnegative().describe('0 where the package has none'),
          file: below.describe('Below the snapshot'),
          sha256,
          size,
          key: z
            .string()
            .regex(/^[0-9A-F]{40}$/)
            .describe('Fingerprint of the key that signed it'),
          how: z
            .enum(['beside', 'exact', 'at-least'])
            .describe('beside other versions; in place of any other; only where the host has no newer one'),
        }),
      )
      .min(1)
      .describe('What is installed'),
    remove: z.array(z.strictObject({ name: words, reason })).describe('Packages to remove'),
    modules: z.array(z.strictObject({ name: words, reason })).describe('Modules loaded at boot'),
    sysctl: z.array(z.strictObject({ key: words, value: words, reason })).describe('Kernel settings at boot'),
    offloads: z
      .array(z.strictObject({ feature: words, value: onOff, reason }))
      .describe('Offloads of every physical network card at boot'),
    services: z.array(z.strictObject({ name: words, state: onOff, reason })).describe('Services at boot'),
    settings: z
      .array(
        z.strictObject({
          file: absolute,
          key: words,
          value: words,
          reason,
          when: z.enum(['exists', 'always']).describe('exists: only where the host has the file'),
        }),
      )
      .describe('Lines KEY=value in files of the distribution'),
    files: z
      .array(
        z.strictObject({
          path: absolute,
          mode: z.string().regex(/^0[0-7]{3}$/),
          sha256,
          size,
          source: below.describe('Below the snapshot'),
          reason,
        }),
      )
      .describe('Files that are written as they are'),
    checks: z
      .strictObject({
        before: z.array(check).describe('After apply, before the reboot'),
        after: z.array(check).describe('Under the new kernel'),
      })
      .describe('What must hold'),
  })
  .describe('What a host of a role installs, changes and checks');

/** A manifest as read or written. */
export type InstallManifest = z.output<typeof manifestSchema>;
