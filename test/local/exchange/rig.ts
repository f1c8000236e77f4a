import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact, ArtifactKind, Sha256 } from '../../../pipeline/plan/artifact.ts';
import { keyOf } from '../../../pipeline/run/key.ts';
import { createLedger, type Ledger } from '../../../pipeline/run/ledger.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import { createStore } from '../../../pipeline/store/store.ts';
import { writeExchange } from '../../../pipeline/tools/exchange/export.ts';
import { importStaged, type Imported } from '../../../pipeline/tools/exchange/import.ts';
import { stageArchive } from '../../../pipeline/tools/exchange/stage.ts';
import type { Store } from '../../../pipeline/tools/tools.ts';
import type { RawMember } from '../../helpers/tar-members.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';
import { sha256 } from '../../unit/store/rig.ts';

export const never = new AbortController().signal;

/** A machine: a store and a ledger of its own. */
export interface Machine {
  readonly dir: string;
  readonly store: Store;
  readonly ledger: Ledger;
  /** Names of all its objects, records and step pointers. */
  seen(): Promise<readonly string[]>;
  import(files: readonly string[], options?: ImportOptions): Promise<Imported>;
}

interface ImportOptions {
  readonly want?: readonly Sha256[];
  readonly signal?: AbortSignal;
  /** A store that does something else at some point. */
  readonly store?: Partial<Store>;
}

export function machine(): Machine {
  const dir = memoryDir();
  const store = createStore(join(dir, 'store'));
  const ledger = createLedger(join(dir, 'ledger'), 'hello', () => undefined);
  const files = async (below: string): Promise<string[]> => {
    const all = await readdir(join(dir, below), { recursive: true, withFileTypes: true }).catch(() => []);
    return all.filter((entry) => entry.isFile()).map(({ name, parentPath }) => join(parentPath, name));
  };
  return {
    dir,
    store,
    ledger,
    seen: async () => [
      ...(await files('store/v1/sha256')),
      ...(await files('ledger/v1/keys')),
      ...(await files('ledger/v1/steps')),
    ],
    async import(archives, { want = [], signal = never, store: other = {} } = {}) {
      const scratch = await store.scratch();
      const staged = [];
      for (const [index, file] of archives.entries()) {
        const own = join(scratch, String(index));
        await mkdir(own);
        staged.push(await stageArchive(file, want[index], own, store, signal));
      }
      return importStaged(staged, { ...store, ...other }, ledger, signal);
    },
  };
}

/** Puts objects and a record of a step that made them into a machine. */
export async function make(
  { store, ledger }: Machine,
  step: string,
  outputs: Readonly<Record<string, string>>,
  kind: ArtifactKind = 'rpm',
): Promise<StepRecord> {
  const made: Artifact[] = [];
  for (const [name, text] of Object.entries(outputs))
    made.push({ kind, name, ...(await store.put(Buffer.from(text))), engineId: 'sha256:1234' });
  const record = recordOf(step, made);
  await ledger.put(record);
  return record;
}

export function recordOf(step: string, outputs: readonly Artifact[]): StepRecord {
  const identity = { stage: 'rebuild-srpm', version: 1, params: { of: step }, inputs: {} };
  return {
    schema: 1,
    key: keyOf(identity),
    step,
    identity,
    outputs,
    facts: { objects: 3 },
    startedAt: '2026-01-02T03:04:05.000Z',
    ms: 12,
    log: `runs/1/logs/${step}.log`,
    runId: '1',
  };
}

/** Exports records of a machine; the archive's path. */
export async function exported(from: Machine, records: readonly StepRecord[], name = 'a.tar'): Promise<string> {
  const file = join(from.dir, name);
  await writeExchange(file, { recipe: 'hello', records }, from.store, never);
  return file;
}

/** The members with another index: `change` edits the parsed one. */
export function withIndex(members: readonly RawMember[], change: (index: Index) => unknown): RawMember[] {
  const [first, ...rest] = members;
  const index = JSON.parse(first?.bytes.toString() ?? '') as Index;
  const changed = change(index) ?? index;
  return [{ name: 'index.json', bytes: Buffer.from(`${JSON.stringify(changed)}\n`) }, ...rest];
}

export interface Index {
  schema: number;
  format: string;
  recipe: string;
  objects: { sha256: string; size: number }[];
  records: { key: string; step: string; sha256: string; size: number }[];
}

/** The members with the first record written anew; the index says what it then is. */
export function withRecord(members: readonly RawMember[], change: (record: StepRecord) => unknown): RawMember[] {
  const at = members.findIndex(({ name }) => name.startsWith('records/'));
  const record = JSON.parse(members[at]!.bytes.toString()) as StepRecord;
  const bytes = Buffer.from(`${JSON.stringify(change(record))}\n`);
  const all = members.map((member, index) => (index === at ? { ...member, bytes } : member));
  return withIndex(all, (index) => {
    Object.assign(index.records[0]!, { sha256: sha256(bytes), size: bytes.length });
  });
}
