import { z } from 'zod';
import { FactoryError } from '../run/failure.ts';
import { rejectFromLog } from '../rpm/patch-reject.ts';
import { artifactFile, runScript } from './script-run.ts';
import { unpackEnv } from './unpack-limits.ts';
import type { Stage } from './stage.ts';

const outcome = z.object({
  same: z.int(),
  differ: z.array(z.string()),
  onlyPatched: z.array(z.string()),
  onlyTree: z.array(z.string()),
});

/**
 * Are source package plus patches and the tree that upstream offers ready-made the same kernel? Every file that differs is
 * named: whoever takes the second way has to know whether it leads to the same place.
 */
export const crossCheck: Stage<'cross-check'> = {
  name: 'cross-check',
  version: 1,
  weight: 'light',
  async run(context) {
    const { step, inputs, tools } = context;
    const { package: name, source0, source0Top, treeTop, drop, limits, scripts } = step.params;
    const lines: string[] = [];
    const result = await runScript(
      context,
      {
        image: inputs.publisher,
        script: 'cross-check.sh',
        scripts,
        env: {
          SOURCE0: source0,
          SOURCE0_TOP: source0Top,
          TREE_TOP: treeTop,
          DROP: drop.join(' '),
          ...unpackEnv(limits),
        },
        files: [
          artifactFile(tools, inputs.srpm, `in/srpm/${inputs.srpm.name}`),
          ...inputs.patches.map((patch, index) =>
            artifactFile(tools, patch, `in/patch/${String(index).padStart(4, '0')}-${patch.name}`),
          ),
          artifactFile(tools, inputs.tree, `in/tree/${inputs.tree.name}`),
        ],
      },
      {
        onLine: (line) => lines.push(line),
        explain: (error) =>
          rejectFromLog(lines) ??
          (error && { kind: 'SourceMissing', source: `what ${name} is compared with`, detail: error.detail }),
      },
    );
    const report = result.files.get('cross-check.json');
    if (report === undefined)
      throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: 'cross-check.sh left no report' });
    const { differ, onlyPatched, onlyTree } = outcome.parse(
      JSON.parse((await tools.store.read(report.digest)).toString('utf8')),
    );
    const want = 'the same in both';
    const checks = [
      ...differ.map((id) => ({ id, want, got: 'differs' })),
      ...onlyPatched.map((id) => ({ id, want, got: 'only in source package plus patches' })),
      ...onlyTree.map((id) => ({ id, want, got: `only in ${inputs.tree.name}` })),
    ];
    if (checks.length > 0) throw new FactoryError({ kind: 'ChecksFailed', step: step.id, checks });
    return { outputs: [{ kind: 'evidence', name: `cross-check-${name}.json`, ...report }], facts: result.facts };
  },
};
