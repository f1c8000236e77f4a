import { z } from 'zod';
import { name, path, rpmName, strict } from './schema-parts.ts';

// All of these end up in a manifest that a POSIX shell reads on hosts as old as CentOS 6, so: one line, no tabs.
function text(pattern: RegExp, what: string) {
  return z.string().regex(pattern, { error: `must be ${what}` });
}
const printable = text(/^[ -~]+$/, 'one line of ASCII without tabs that is not empty');
const reason = printable.describe('Why, for the operator who reads the plan');
const word = text(/^[A-Za-z0-9][A-Za-z0-9_.@-]*$/, 'one word of letters, digits and _ . @ -');
const version = text(/^\d+$/, 'a major version: digits in quotes');
const hostPath = text(
  /^(?!.*\/\.{0,2}(\/|$))(\/[A-Za-z0-9_.@+-]+)+$/,
  'an absolute path of letters, digits and _ . @ + - without "." and ".." parts',
);
const onOff = z.enum(['on', 'off']);

const check = strict({
  id: name.describe('Name of the check'),
  command: printable.describe('For sh -c; {release} is what uname -r says under the new kernel'),
  expected: text(/^[ -~]*$/, 'one line of ASCII without tabs').describe('Its whole output, without the last line end'),
});

/** What a host of a role becomes: the section `host:` of a role. */
export const hostSchema = strict({
  platform: strict({
    distributions: z
      .array(
        strict({
          id: word.describe('ID in os-release; on CentOS 6, which has none, what system-release-cpe says'),
          versions: z
            .array(version)
            .min(1, { error: 'must name at least one version' })
            .describe('Major versions that are known to work'),
        }),
      )
      .min(1, { error: 'must name at least one distribution' })
      .describe('Where the packages may be installed; everything else is refused'),
    bootMiB: z
      .int()
      .min(1, { error: 'must be a number of MiB from 1 to 4096' })
      .max(4096, { error: 'must be a number of MiB from 1 to 4096' })
      .describe('Free space in MiB that /boot must have before kernels are installed'),
  }).describe('Which hosts'),
  kernel: strict({
    initramfs: z.boolean().describe('Whether it boots with an initramfs, made on the host'),
    arguments: z
      .array(
        strict({
          argument: text(/^[!-~]+$/, 'one word of ASCII').describe('Added to those of the present default entry'),
          reason,
        }),
      )
      .optional()
      .describe('Arguments of the kernel. Default: none'),
  }).describe('How the kernel is booted'),
  packages: z
    .record(rpmName, z.enum(['beside', 'exact', 'at-least']))
    .optional()
    .describe('RPMs that are installed in another way. Default: the kernel beside others, the rest exactly'),
  remove: z
    .array(strict({ name: rpmName.describe('Name of an RPM'), reason }))
    .optional()
    .describe('Packages to remove; the operator can keep them'),
  modules: z
    .array(strict({ name: word.describe('Module, as modprobe knows it'), reason }))
    .optional()
    .describe('Modules loaded at boot'),
  sysctl: z
    .array(
      strict({
        key: text(/^[a-z0-9_]+([./][a-z0-9_-]+)+$/, 'a kernel setting as sysctl writes it').describe('Kernel setting'),
        value: z.union([z.int().transform(String), printable]).describe('Its value'),
        reason,
      }),
    )
    .optional()
    .describe('Kernel settings at boot'),
  offloads: z
    .array(
      strict({ feature: word.describe('Feature, as ethtool -K knows it'), value: onOff.describe('on or off'), reason }),
    )
    .optional()
    .describe('Offloads of every physical network card at boot'),
  services: z
    .array(strict({ name: word.describe('Service'), state: onOff.describe('Whether it starts at boot'), reason }))
    .optional()
    .describe('Services at boot; one that the host does not have is no change'),
  settings: z
    .array(
      strict({
        file: hostPath.describe('File with lines KEY=value'),
        key: text(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name as shells have them').describe('KEY'),
        value: text(/^[A-Za-z0-9_.:/-]+$/, 'one word of letters, digits and _ . : / -').describe('Its value'),
        reason,
        when: z.enum(['exists', 'always']).optional().describe('always: make the file if need be. Default: exists'),
      }),
    )
    .optional()
    .describe('Settings in files of the distribution'),
  files: z
    .array(
      strict({
        path: hostPath.describe('Where it lies on the host'),
        mode: text(/^0[0-7]{3}$/, 'an octal mode in quotes: "0644"').describe('Its mode'),
        file: path.describe("File in the recipe's folder"),
        reason,
      }),
    )
    .optional()
    .describe('Files that are written as they are'),
  checks: strict({
    after: z.array(check).optional().describe('What must hold under the new kernel, beside what every host is asked'),
  })
    .optional()
    .describe('What must hold'),
});

export type HostInput = z.output<typeof hostSchema>;
