import { FactoryError } from '../run/failure.ts';
import { artifactFile, runScript } from './script-run.ts';
import { unpackEnv } from './unpack-limits.ts';
import type { Stage } from './stage.ts';

/** Packs the patched kernel tree that upstream offers as the source archive that the spec wants to see. */
export const repackTree: Stage<'repack-tree'> = {
  name: 'repack-tree',
  version: 1,
  weight: 'light',
  async run(context) {
    const { step, inputs, tools } = context;
    const { top, into, file, drop, epoch, limits, scripts } = step.params;
    const result = await runScript(
      context,
      {
        image: inputs.publisher,
        script: 'repack-tree.sh',
        scripts,
        env: {
          TOP: top,
          INTO: into,
          FILE: file,
          DROP: drop.join(' '),
          SOURCE_DATE_EPOCH: String(epoch),
          ...unpackEnv(limits),
        },
        files: [artifactFile(tools, inputs.archive, `in/archive/${inputs.archive.name}`)],
      },
      {
        explain: (error) =>
          error && { kind: 'SourceMissing', source: `${inputs.archive.name}: ${top}`, detail: error.detail },
      },
    );
    const got = result.files.get(file);
    if (got === undefined)
      throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: `${file} was not made` });
    return { outputs: [{ kind: 'source', name: file, ...got }], facts: result.facts };
  },
};
