import { z } from 'zod';
import { fileName, line, name, path, rpmName, strict } from './schema-parts.ts';

// All of these end up in a C program or in the lists that a step script reads.
const identifier = line.regex(/^[A-Za-z_]\w*$/, { error: 'must be a name as C has them' });
const moduleName = line.regex(/^[A-Za-z0-9_-]+$/, { error: 'must be the name of a module, without .ko' });
const moduleOf = moduleName.describe('Module, by its file name without .ko');
const configSymbol = line.regex(/^CONFIG_[A-Z0-9_]+$/, {
  error: 'must be a configuration symbol: CONFIG_ and capitals, digits, "_"',
});
const include = path.regex(/^[A-Za-z0-9_./-]+$/, { error: 'must be the path of a header' });
const dir = path.regex(/^[A-Za-z0-9_./*+-]+$/, { error: 'must be a path of letters, digits and . _ / * + -' });

const kernel = strict({
  package: name.describe('Package whose binary package "kernel" this is'),
  toa: strict({
    module: moduleOf,
    modinfo: identifier.optional().describe('Field of modinfo that holds the option number'),
    code: strict({
      as: z.enum(['compare', 'store']).describe('The number is compared with, or stored in front of the length 8'),
      functions: z.array(identifier).min(1, { error: 'must name at least one function' }).describe('Where to look'),
    })
      .optional()
      .describe('Read the option number out of machine code'),
  }).describe('Where the number of the TCP option with the client address can be read in what was built'),
  variables: z
    .array(
      strict({
        module: moduleOf,
        symbol: identifier.describe('Variable of the module, an int'),
        config: configSymbol.describe('The configuration symbol whose value it must have'),
      }),
    )
    .optional()
    .describe('Variables that must have the value of a configuration symbol'),
});

const member = z.union([identifier, strict({ kernel: identifier, tools: identifier })], {
  error: 'must be the name of a member, or { kernel: name, tools: name }',
});

/** What makes director, backend and tools belong together. */
export const pairSchema = strict({
  director: kernel.describe('The kernel that writes the option'),
  backend: kernel.describe('The kernel that reads the option'),
  tools: name.describe('Package of the tools that talk to the kernel of the director'),
  interface: strict({
    kernel: strict({
      rpm: rpmName.describe('Binary package of the director with the header'),
      dirs: z.array(dir).min(1).describe('Folders in it that are searched for headers'),
      include: include.describe('The header, as a program includes it'),
    }).describe('What the kernel understands'),
    tools: z
      .array(
        strict({
          name: fileName.describe('Which of the tools'),
          dirs: z.array(dir).min(1).describe('Folders of its sources after %prep that are searched; may hold *'),
          include: include.describe('The header, as its sources include it'),
        }),
      )
      .min(1, { error: 'must name at least one header' })
      .describe('What the tools say'),
    structs: z
      .array(
        strict({
          kernel: identifier.describe('Name of the struct in the header of the kernel'),
          tools: identifier.optional().describe('Its name in the headers of the tools. Default: the same'),
          members: z.array(member).min(1).describe('Members whose places must be equal'),
        }),
      )
      .optional()
      .describe('Structs that must be laid out equally'),
    constants: z.array(identifier).optional().describe('Macros and enumerators that must have equal values'),
    arguments: z
      .array(
        strict({
          module: moduleOf,
          symbol: identifier.describe('Table of bytes: the length of the argument of each command'),
          base: identifier.describe('The command that is the first of the table'),
          entries: z
            .record(identifier, z.array(identifier).min(1))
            .describe('By command: the structs of the tools that its argument is made of'),
        }),
      )
      .optional()
      .describe('Tables in modules with which what the tools send must agree'),
  }).describe('What tools and kernel say to each other'),
});

export type PairInput = z.output<typeof pairSchema>;
