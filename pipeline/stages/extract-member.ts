import { FactoryError } from '../run/failure.ts';
import { artifactFile, runScript } from './script-run.ts';
import { unpackEnv } from './unpack-limits.ts';
import type { Stage } from './stage.ts';

/** Takes one file out of an archive (.deb, .tar.*), in a container: the archive is not ours. */
export const extractMember: Stage<'extract-member'> = {
  name: 'extract-member',
  version: 1,
  weight: 'light',
  async run(context) {
    const { step, inputs, tools } = context;
    const { member, file, limits, scripts } = step.params;
    const result = await runScript(
      context,
      {
        image: inputs.base,
        script: 'extract-member.sh',
        scripts,
        user: 'root',
        env: { MEMBER: member, OUT: file, ...unpackEnv(limits) },
        files: [artifactFile(tools, inputs.archive, `in/archive/${inputs.archive.name}`)],
      },
      {
        explain: (error) =>
          error && { kind: 'SourceMissing', source: `${inputs.archive.name}: ${member}`, detail: error.detail },
      },
    );
    const got = result.files.get(file);
    if (got === undefined)
      throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: `${file} was not made` });
    return { outputs: [{ kind: 'source', name: file, ...got }], facts: { member } };
  },
};
