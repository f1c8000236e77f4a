import type { Plan, Step } from '../plan/step.ts';
import type { SlsaProvenance, Statement } from '../provenance/in-toto.ts';
import { toldDocuments } from '../provenance/told-documents.ts';
import { toldPlan, type ToldPlan } from '../provenance/told-plan.ts';
import { toldSteps, type ToldStep } from '../provenance/told-steps.ts';
import { FactoryError } from '../run/failure.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { stages } from '../stages/index.ts';
import { withoutBuilt } from './refetch.ts';
import { runSteps } from './run.ts';
import { mirrorsOf, type Session } from './session.ts';
import { type Missing, missingFiles, toldFiles } from './told-files.ts';
import { toldLedger } from './told-ledger.ts';
import { madeOther } from './told-other.ts';

/** Builds a package again; in the records are `assemble-srpm:<name>` and `rebuild-srpm:<name>`. */
export type Rebuild = (name: string) => Promise<RunOutcome>;

/** As the recipe and the factory are now: all packages in one run, which is made when the first is asked for. */
export function fromCheckout(session: Session, names: readonly string[]): Rebuild {
  let all: Promise<RunOutcome> | undefined;
  const only = names.map((name) => `rebuild-srpm:${name}`);
  const ledger = withoutBuilt(session.ledger, new Set(names));
  return () => (all ??= runSteps({ ...session, plan: withoutCcache(session.plan) }, { only, ledger }));
}

/** What a cache knows came from the build that is being checked. */
function withoutCcache(plan: Plan): Plan {
  const steps = plan.steps.map((step): Step =>
    step.stage === 'rebuild-srpm' ? { ...step, hints: { ...step.hints, ccache: null } } : step,
  );
  return { ...plan, steps };
}

/**
 * As a provenance tells it, each package by itself: what it needs of another one is what was published, not what that one is
 * today. Failures: ToldMissing, before anything is started or as the failure of the step that makes something else today.
 */
export function fromProvenance(session: Session, snapshot: string, statement: Statement<SlsaProvenance>): Rebuild {
  const documents = toldDocuments(statement);
  const files = toldFiles(documents.contents, session.tools.files);
  const hints = {
    ...documents,
    step: (id: string) => session.plan.steps.find((step) => step.id === id),
    mirrors: mirrorsOf(session.options, session.world.cwd),
  };
  return async (name) => {
    const again = [`assemble-srpm:${name}`, `rebuild-srpm:${name}`];
    const { told, planned } = read(snapshot, () => {
      const steps = toldSteps(statement);
      return { told: steps, planned: toldPlan(session.recipe.name, steps, `rebuild-srpm:${name}`, hints) };
    });
    const missing = [...otherFactory(planned, told), ...(await missingFiles(files, planned.files))];
    if (missing.length > 0) throw new FactoryError({ kind: 'ToldMissing', snapshot, missing });
    const ledger = toldLedger(session.ledger, planned, new Set(again), (want, made) => madeOther(snapshot, want, made));
    const runId = `${session.runId}-${name}`;
    const as = { ...session, runId, plan: planned.plan, tools: { ...session.tools, files } };
    return runSteps(as, { only: again, ledger });
  };
}

/** A provenance of before they told everything, or of a factory whose stages this one does not know. */
function read<T>(snapshot: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    const lines = [
      thrown.message,
      'An earlier version of the factory wrote it: build again with the revision of that time.',
    ];
    throw new FactoryError(
      { kind: 'ToldMissing', snapshot, missing: [{ what: 'provenance.json does not tell enough', lines }] },
      { cause: thrown },
    );
  }
}

/** Steps that this factory would do in another way than the one that published. */
function otherFactory({ plan, incomplete }: ToldPlan, told: readonly ToldStep[]): Missing[] {
  const versions = plan.steps.flatMap(({ id, stage }): Missing[] => {
    const { version } = told.find((one) => one.id === id) ?? { version: 0 };
    const here = stages[stage].version;
    const lines = [`It was made with version ${version} of that stage. Take the factory's revision of that time.`];
    return version === here ? [] : [{ what: `${id}: this factory has version ${here} of stage ${stage}`, lines }];
  });
  const keys = incomplete.map((id): Missing => {
    return { what: `${id}: its key does not follow from what is told`, lines: [] };
  });
  return [...versions, ...keys];
}
