import { type Data, dataOf, type Path, textOf, type WorkflowDocument } from './document.ts';
import type { Finding } from './finding.ts';
import type { Pins } from './pins.ts';
import { jobsOf, stepsOf } from './steps.ts';

/**
 * Actions of others: pinned to the recorded commit, with its version beside it, so that a moved tag changes nothing. Local ones
 * must be there. checkout must not leave its token in the work tree.
 */
export function usesFindings(
  document: WorkflowDocument,
  pins: Pins,
  exists: (path: string) => boolean,
): readonly Finding[] {
  const places: readonly { uses: unknown; path: Path; step: Data }[] = [
    ...jobsOf(document).map(([name, { uses }]) => ({ uses, path: ['jobs', name, 'uses'], step: {} })),
    ...stepsOf(document).map(({ step, path }) => ({ uses: step.uses, path: [...path, 'uses'], step })),
  ];
  return places.flatMap(({ uses, path, step }) => {
    if (typeof uses !== 'string') return [];
    const line = document.line(path);
    const at = (rule: string, message: string): Finding => ({ file: document.file, line, rule, message });
    if (uses.startsWith('./')) return exists(uses.slice(2)) ? [] : [at('pinned', `there is no ${uses}`)];
    const problem = pinProblem(uses, document.text.split('\n')[line - 1] ?? '', pins);
    return [
      ...(problem === undefined ? [] : [at('pinned', problem)]),
      ...(uses.startsWith('actions/checkout@') && dataOf(step.with)['persist-credentials'] !== false
        ? [at('checkout', 'checkout needs `persist-credentials: false`: its token would lie in the work tree')]
        : []),
    ];
  });
}

function pinProblem(uses: string, source: string, pins: Pins): string | undefined {
  const [, action = '', commit = ''] = /^([^@]+)@([0-9a-f]{40})$/.exec(uses) ?? [];
  if (action === '') return `${uses} is not pinned to a commit of 40 hex digits`;
  const version = textOf(/\s#\s*(v\d+\.\d+\.\d+)\s*$/.exec(source)?.[1]);
  if (version === '') return `${action} needs its version behind it, as in \`# v1.2.3\``;
  const pin = pins[action];
  if (pin === undefined) return `${action} is not recorded in scripts/workflows/pins.json`;
  if (pin.commit !== commit || pin.version !== version)
    return `${action} ${version} at ${commit} is not what scripts/workflows/pins.json records: ${pin.version} at ${pin.commit}`;
  return undefined;
}
