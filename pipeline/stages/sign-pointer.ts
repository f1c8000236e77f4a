import type { Artifact } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import { type Pointer, pointerText } from '../plan/pointer.ts';
import type { StageName } from '../plan/step.ts';
import { FactoryError } from '../run/failure.ts';
import { runScript, type ScriptRun } from './script-run.ts';
import { keyAccess } from './secret-key.ts';
import type { StageContext } from './stage.ts';
import { stepFailed } from './step-failed.ts';

/** Where and with what a pointer is signed. */
export interface PointerSigner {
  readonly image: Artifact<'image'>;
  /** entry.sh, lib.sh, lib-key.sh and sign-pointer.sh. */
  readonly scripts: readonly FileRef[];
  readonly fingerprint: string;
}

/** A signed pointer, and detached signatures of what was signed with it, by file name. */
export interface SignedTexts {
  readonly pointer: string;
  readonly signatures: ReadonlyMap<string, Buffer>;
}

/**
 * Signs what a pointer states (and `files`, by name) in a container that gets the key on standard input, no network and nothing
 * else. Whoever moves the pointer verifies it once more. Failures: SourceMissing (no such key here), StepFailed.
 */
export async function signPointer(
  context: StageContext<StageName>,
  { image, scripts, fingerprint }: PointerSigner,
  states: Pointer,
  files: ReadonlyMap<string, Buffer> = new Map(),
): Promise<SignedTexts> {
  const { step, tools } = context;
  const run: ScriptRun = {
    image,
    script: 'sign-pointer.sh',
    scripts,
    env: {},
    files: [
      { path: 'in/pointer.json', mode: 0o644, bytes: Buffer.from(pointerText(states)) },
      ...[...files].map(([name, bytes]) => ({ path: `in/files/${name}`, mode: 0o644, bytes })),
    ],
    ...(await keyAccess(tools, fingerprint)),
  };
  const result = await runScript(context, run, { explain: stepFailed(step.id) });
  const read = async (path: string): Promise<Buffer> => {
    const file = result.files.get(path);
    if (file === undefined)
      throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: `sign-pointer.sh left no ${path}` });
    return tools.store.read(file.digest);
  };
  const signatures = new Map<string, Buffer>();
  for (const name of files.keys()) signatures.set(name, await read(`${name}.asc`));
  return { pointer: (await read('pointer.asc')).toString('latin1'), signatures };
}
