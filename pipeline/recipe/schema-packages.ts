import { z } from 'zod';
import {
  configValues,
  fileName,
  line,
  lines,
  name,
  path,
  releasePart,
  rpmName,
  rpmOf,
  strict,
} from './schema-parts.ts';

/** One change to a text file; its line must be there exactly once. */
const edit = z.discriminatedUnion('op', [
  strict({
    op: z.literal('replace').describe('Replace the line'),
    file: fileName.describe('File to edit: the spec or one of the files'),
    line: line.describe('The whole line as it is now; it must be there exactly once'),
    with: line.describe('The new line; may hold {source.upstreamVersion}'),
  }),
  strict({
    op: z.literal('insert-before').describe('Insert before the line'),
    file: fileName.describe('File to edit: the spec or one of the files'),
    line: line.describe('The whole line before which to insert; it must be there exactly once'),
    text: lines.describe('One or more lines; may hold {source.upstreamVersion}'),
  }),
  strict({
    op: z.literal('insert-after').describe('Insert after the line'),
    file: fileName.describe('File to edit: the spec or one of the files'),
    line: line.describe('The whole line after which to insert; it must be there exactly once'),
    text: lines.describe('One or more lines; may hold {source.upstreamVersion}'),
  }),
]);

const config = strict({
  fragment: fileName.describe('Config fragment in which values are set and added'),
  set: configValues.optional().describe('Values of symbols that the fragment has exactly once, set or "is not set"'),
  add: configValues.optional().describe('Values of symbols that the fragment does not have'),
  strongest: fileName.optional().describe('Config fragment that wins over all others'),
  override: configValues
    .optional()
    .describe('Values that win over every fragment, set and add, whether a fragment has the symbol or not'),
  values: configValues
    .optional()
    .describe('More values that the final .config must have; set, add and override count already'),
  final: path.describe('The final .config below %_builddir'),
  wanted: path
    .optional()
    .describe('The merged fragments below %_builddir, each value of which the final .config must have'),
});

const patches = strict({
  dir: path.optional().describe("Folder with series and *.patch, below the recipe's folder in patches/"),
  sources: z.array(name).optional().describe('Sources that are patches; they come before those of the folder'),
  declareBefore: line.describe('Whole line of the spec before which the PatchNNNN lines go'),
  applyBefore: line.describe('Whole line of the spec before which the apply lines go'),
  applyWith: line
    .regex(/\{(name|number)\}/, { error: 'must hold {name} or {number}' })
    .describe('How the spec applies one patch: {name} is its file name, {number} its number'),
  firstNumber: z.int().min(0).max(999_998).describe('Number of the first patch'),
});

const patchedTree = strict({
  source: name.describe('Source: the archive of a tree that has the patches in it'),
  top: fileName.describe('The one folder that the archive holds'),
  as: fileName
    .regex(/\.tar\.(gz|bz2|xz)$/, { error: 'must end in .tar.gz, .tar.bz2 or .tar.xz' })
    .describe('Name in SOURCES'),
  into: fileName.describe('Name of the folder once it is packed again'),
  drop: z.array(path).optional().describe('Paths below the folder that are left out'),
});

/** Something that is rebuilt from a source package of ours. */
export const packageSchema = strict({
  group: z.enum(['kernels', 'tools']).describe('Which of the words of --only the package belongs to'),
  role: name.optional().describe('The role that the package is made for, when it is only one'),
  spec: fileName.describe("Spec file: in the recipe's folder, or inside the SRPM"),
  srpm: name.optional().describe('Source that is the SRPM to start from'),
  source: z
    .enum(['patch', 'patched-tree'])
    .optional()
    .describe('Whether the patches are applied, or a tree is taken that has them in it. Default: patch'),
  patchedTree: patchedTree.optional().describe('The tree for source: patched-tree'),
  // A supplied key is refused, not forgotten: docs/el6.md weighs the ways.
  modules: z
    .literal('signed-by-fresh-key', {
      error: 'must be signed-by-fresh-key: a key of your own would be a secret in a build container, which gets none',
    })
    .optional()
    .describe('Every kernel module must be signed, with a key that the build makes and forgets'),
  sources: z
    .array(
      strict({
        source: name.describe('Name of a source'),
        as: fileName.optional().describe('Name in SOURCES; may hold {source.upstreamVersion}. Default: its own name'),
      }),
    )
    .optional()
    .describe('Upstream files that go into SOURCES'),
  files: z
    .array(path)
    .optional()
    .describe("Files of the recipe's folder for SOURCES; spec and fragment come by themselves"),
  buildid: releasePart
    .optional()
    .describe('Goes into release and uname -r: replaces "# % define buildid .local" in the spec'),
  edits: z.array(edit).optional().describe('Changes to the spec and the files, in this order'),
  config: config.optional().describe('Kernel configuration'),
  patches: patches.optional().describe('Patches and how they enter the spec'),
  defines: z
    .record(line.regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of an RPM macro' }), line)
    .optional()
    .describe('RPM macros'),
  with: z
    .array(line.regex(/^--with(out)? [a-z0-9_]+$/, { error: 'must be "--with x" or "--without x"' }))
    .optional()
    .describe('rpmbuild switches'),
  needs: z.array(rpmOf).optional().describe('Our own RPMs that are installed before the build'),
  produces: z
    .array(rpmName)
    .min(1, { error: 'must name at least one binary package' })
    .describe('Binary packages that must come out, no more and no less'),
  optional: z.array(rpmName).optional().describe('Binary packages that may come out beside them'),
  ccache: name
    .optional()
    .describe('Compiler cache; packages that compile much the same share one. Default: the package'),
  objects: z
    .int()
    .positive()
    .optional()
    .describe('Expected number of compiled objects, for the progress line of a first run'),
  treeMiB: z.int().positive().optional().describe('What the build tree needs, in MiB. Default: 512'),
  memoryMiB: z
    .int()
    .positive()
    .optional()
    .describe('Memory that its build may use beside the tree, in MiB. Default: 3072 and 1024 for every job'),
});
