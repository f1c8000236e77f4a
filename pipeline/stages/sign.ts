import type { Artifact } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { artifactFile, runScript, type ScriptRun } from './script-run.ts';
import { accessOf } from './secret-key.ts';
import type { Stage } from './stage.ts';
import { stepFailed } from './step-failed.ts';

/** Signs a package's RPMs and SRPM in a container that gets the key on standard input, no network and nothing else. */
export const sign: Stage<'sign'> = {
  name: 'sign',
  version: 1,
  weight: 'light',
  async run(context) {
    const { step, inputs, tools } = context;
    const run: ScriptRun = {
      image: inputs.builder,
      script: 'sign-rpms.sh',
      scripts: step.params.scripts,
      env: {},
      files: [
        ...inputs.rpms.map((rpm) => artifactFile(tools, rpm, `in/rpms/${rpm.name}`)),
        artifactFile(tools, inputs.srpm, `in/rpms/${inputs.srpm.name}`),
      ],
      ...(await accessOf(tools, inputs.key)),
    };
    const result = await runScript(context, run, { explain: stepFailed(step.id) });
    const signed = <K extends 'signed-rpm' | 'signed-srpm'>(kind: K, unsigned: Artifact): Artifact<K> => {
      const file = result.files.get(unsigned.name);
      if (file === undefined || file.digest === unsigned.digest)
        throw new FactoryError({
          kind: 'ReceiptMismatch',
          step: step.id,
          detail: `${unsigned.name} came back unsigned`,
        });
      return { kind, name: unsigned.name, ...file };
    };
    return {
      outputs: [...inputs.rpms.map((rpm) => signed('signed-rpm', rpm)), signed('signed-srpm', inputs.srpm)],
      facts: result.facts,
    };
  },
};
