import type { Artifact, ArtifactKind } from '../../../pipeline/plan/artifact.ts';
import type { Handle, Plan, StageName, Step } from '../../../pipeline/plan/step.ts';
import type { FactoryEvent } from '../../../pipeline/run/events.ts';
import { execute, type RunOutcome } from '../../../pipeline/run/execute.ts';
import { createLedger } from '../../../pipeline/run/ledger.ts';
import type { ExecuteDeps } from '../../../pipeline/run/outcome.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import { createRunLogs } from '../../../pipeline/run/run-log.ts';
import type { Stage, StageContext, StageTable } from '../../../pipeline/stages/stage.ts';
import type { Tools } from '../../../pipeline/tools/tools.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';
import { makeStore, type StoreRig } from '../store/rig.ts';

export type Context = StageContext<StageName>;
type Behaviour = (context: Context) => Promise<string>;
/** Fake stages by what matters to the executor; their params hold `text`, which goes into what they make. */
const STAGE: Readonly<Record<'light' | 'heavy' | 'image', StageName>> = {
  light: 'fetch-file',
  heavy: 'rebuild-srpm',
  image: 'builder-image',
};

/** A step that takes the outputs of `needs` and makes one file `<id>.out`. */
export function step(id: string, needs: readonly string[] = [], options: StepOptions = {}): Step {
  const handle = (from: string): Handle<ArtifactKind> => ({ step: from, kind: 'source' });
  return {
    id,
    stage: STAGE[options.kind ?? 'light'],
    title: id,
    params: { text: options.text ?? id },
    inputs: { ...(needs.length === 0 ? {} : { parts: needs.map(handle) }), ...options.inputs },
    hints: {},
  } as unknown as Step;
}
export interface StepOptions {
  readonly kind?: keyof typeof STAGE;
  readonly text?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** The executor on a real store and ledger, with stages that do what the test says, when the test says it. */
export class Rig {
  readonly root = memoryDir();
  readonly files: StoreRig = makeStore(`${this.root}/store`);
  readonly invalid: string[] = [];
  readonly ledger = createLedger(`${this.root}/ledger`, 'test', (path) => this.invalid.push(path));
  readonly controller = new AbortController();
  readonly events: FactoryEvent[] = [];
  readonly contexts: Context[] = [];
  /** What a step does instead of making its usual bytes: returns the text of its output. */
  readonly behaviours = new Map<string, Behaviour>();
  /** Answer of `present` of image steps, by step id and question. */
  present: (record: StepRecord, why: 'use' | 'target') => boolean = () => true;
  readonly #gates = new Map<string, { open: () => void; opened: Promise<void> }>();
  readonly #watchers = new Set<() => void>();
  #runs = 0;

  async run(steps: readonly Step[], options: Partial<ExecuteDeps> = {}): Promise<RunOutcome> {
    this.events.length = 0;
    this.contexts.length = 0;
    this.#runs += 1;
    const runId = `run-${this.#runs}`;
    const plan: Plan = { recipe: 'test', steps };
    return execute(plan, {
      stages: this.#stages(),
      tools: { store: this.files.store } as unknown as Tools,
      ledger: this.ledger,
      emit: (event) => {
        this.events.push(event);
        this.#changed();
      },
      signal: this.controller.signal,
      jobs: { heavy: 1, light: 8 },
      makeJobs: 3,
      offline: false,
      keepGoing: false,
      logSink: await createRunLogs(this.root, runId),
      runId,
      ...options,
    });
  }

  /** The step waits, once it has started, until it is released. */
  hold(...ids: readonly string[]): void {
    for (const id of ids) {
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      this.#gates.set(id, { open, opened });
    }
  }
  release(id: string): void {
    this.#gates.get(id)?.open();
  }

  /** Resolves when an event like `made a` has come, with the first of them that has. */
  async saw(...any: readonly string[]): Promise<string> {
    await this.#until(() => any.some((what) => this.log().includes(what)));
    return this.log().find((line) => any.includes(line)) ?? '';
  }

  /** Resolves when the step's stage was called, which is a little after the event `started`. */
  async runs(id: string): Promise<void> {
    await this.#until(() => this.contexts.some((context) => context.step.id === id));
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }
  #changed(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }

  /** Step events as `started a`, `made a`, `cached a`, `failed a`, `skipped b because a`. */
  log(): string[] {
    return this.events.flatMap((event) => {
      if (!event.type.startsWith('step-') || !('step' in event)) return [];
      const because = event.type === 'step-skipped' ? ` because ${event.because}` : '';
      return [`${event.type.slice(5)} ${event.step ?? ''}${because}`];
    });
  }
  why(id: string): string[] {
    return this.events.flatMap((event) => (event.type === 'step-started' && event.step === id ? [event.why] : []));
  }

  async output(outcome: RunOutcome, id: string): Promise<string> {
    const [artifact] = outcome.records.get(id)?.outputs ?? [];
    if (artifact === undefined) throw new Error(`${id} made nothing`);
    return (await this.files.store.read(artifact.digest)).toString();
  }

  #stages(): StageTable {
    const stage = (name: StageName, weight: 'light' | 'heavy', present?: Stage<StageName>['present']) => ({
      name,
      version: 1,
      weight,
      run: async (context: Context) => {
        this.contexts.push(context);
        this.#changed();
        await this.#gates.get(context.step.id)?.opened;
        const text = await (this.behaviours.get(context.step.id) ?? usual)(context);
        const outputs: Artifact[] = [
          { kind: 'source', name: `${context.step.id}.out`, ...(await context.tools.store.put(Buffer.from(text))) },
        ];
        return { outputs, facts: { length: text.length } };
      },
      ...(present === undefined ? {} : { present }),
    });
    return {
      [STAGE.light]: stage(STAGE.light, 'light'),
      [STAGE.heavy]: stage(STAGE.heavy, 'heavy'),
      [STAGE.image]: stage(STAGE.image, 'light', (record, _tools, why) => Promise.resolve(this.present(record, why))),
    } as unknown as StageTable;
  }
}

/** `text(part+part)`, so that the output shows what went in. Reads its inputs as every real stage does. */
export async function usual({ step: { params }, inputs, tools }: Context): Promise<string> {
  const { parts = [] } = inputs as { parts?: readonly Artifact[] };
  const texts = await Promise.all(parts.map(async ({ digest }) => (await tools.store.read(digest)).toString()));
  const { text } = params as unknown as { text: string };
  return texts.length === 0 ? text : `${text}(${texts.join('+')})`;
}
