import type { PairSide, VerifyPairParams } from '../plan/pair.ts';
import { FactoryError } from '../run/failure.ts';
import { artifactFile, runScript, type ScriptRun } from './script-run.ts';
import type { Stage, StageContext } from './stage.ts';
import { askFile } from './verify-pair-ask.ts';
import { membersOf, type PairDocument, pairId } from './verify-pair-document.ts';
import { type PairFacts, parsePairFacts } from './verify-pair-facts.ts';
import { interfaceChecks } from './verify-pair-interface.ts';
import { equal, kernelChecks, optionOf, type PairCheck } from './verify-pair-kernels.ts';

type Context = StageContext<'verify-pair'>;

/**
 * Do the director's kernel, the backend's kernel and the tools belong together? A container without network reads it in the
 * signed packages, the numbers are compared here. It stands before the snapshot: what does not match is never published.
 */
export const verifyPair: Stage<'verify-pair'> = {
  name: 'verify-pair',
  version: 1,
  weight: 'light',
  container: (context) => Promise.resolve(pairRun(context)),
  async run(context) {
    const { step, inputs, tools } = context;
    const result = await runScript(context, pairRun(context), {
      explain: (error) =>
        error && {
          kind: 'PairMismatch',
          step: step.id,
          checks: [{ id: error.code, want: 'something that can be read', got: error.detail }],
        },
    });
    const written = result.files.get('facts.tsv');
    if (written === undefined)
      throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: 'verify-pair.sh left no facts.tsv' });
    const facts = parsePairFacts((await tools.store.read(written.digest)).toString('utf8'));
    const files = { director: inputs.director.name, backend: inputs.backend.name };
    const { toaOption, checks } = judgePair(step.params, files, facts);
    for (const { id, ok, value, wanted } of checks)
      context.log(ok ? `${id}: ${value}` : `${id}: ${value}, wanted: ${wanted}`, ok ? 'stdout' : 'stderr');
    const failed = checks.filter(({ ok }) => !ok).map(({ id, value, wanted }) => ({ id, want: wanted, got: value }));
    if (toaOption === null || failed.length > 0)
      throw new FactoryError({ kind: 'PairMismatch', step: step.id, checks: failed });
    const members = membersOf(facts);
    const id = pairId(toaOption, members);
    const pair: PairDocument = { schema: 1, id, recipe: step.params.recipe, toaOption, members, ok: true, checks };
    const bytes = Buffer.from(`${JSON.stringify(pair, null, 1)}\n`);
    return {
      outputs: [{ kind: 'pair', name: 'pair.json', ...(await tools.store.put(bytes)) }],
      facts: { ...result.facts, pair: id, toaOption, checks: checks.length },
    };
  },
};

/** Every check, and the option number when both kernels use the same. `files`: names of the kernels' packages. */
export function judgePair(
  { kernels, interface: shared }: Pick<VerifyPairParams, 'kernels' | 'interface'>,
  files: Readonly<Record<PairSide, string>>,
  facts: PairFacts,
): { toaOption: number | null; checks: PairCheck[] } {
  const director = optionOf('director', kernels.director, facts);
  const backend = optionOf('backend', kernels.backend, facts);
  const toaOption = director.option === backend.option ? director.option : null;
  const both: PairCheck[] =
    director.option === null || backend.option === null
      ? []
      : [equal('toa-option', String(backend.option), String(director.option))].map((check) => ({
          ...check,
          value: `director ${director.option}, backend ${backend.option}`,
          wanted: 'the same number in both',
        }));
  const checks = [
    ...director.checks,
    ...backend.checks,
    ...both,
    ...kernelChecks('director', kernels.director, files.director, facts),
    ...kernelChecks('backend', kernels.backend, files.backend, facts),
    ...interfaceChecks(shared, facts),
  ];
  return { toaOption, checks };
}

function pairRun({ step, inputs, tools }: Context): ScriptRun {
  const { director, headers, backend, srpm } = inputs;
  return {
    image: inputs.publisher,
    script: 'verify-pair.sh',
    scripts: step.params.scripts,
    env: {},
    files: [
      askFile(step.params),
      artifactFile(tools, director, `in/director/${director.name}`),
      artifactFile(tools, headers, `in/headers/${headers.name}`),
      artifactFile(tools, backend, `in/backend/${backend.name}`),
      ...inputs.tools.map((rpm) => artifactFile(tools, rpm, `in/tools/${rpm.name}`)),
      artifactFile(tools, srpm, `in/srpm/${srpm.name}`),
    ],
  };
}
