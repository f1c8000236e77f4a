import { buffer } from 'node:stream/consumers';
import type { HostFiles } from '../host/configure/hosts.ts';
import type { FileRef } from '../plan/params.ts';
import { FactoryError } from '../run/failure.ts';
import { createNotes } from '../stages/notes.ts';
import { checkReceipt } from '../stages/receipt.ts';
import { refFiles } from '../stages/script-run.ts';
import { sha256Of } from '../tools/file-ref.ts';
import type { TarFile, Tools } from '../tools/tools.ts';
import { stepScripts } from './step-scripts.ts';

const STEP = 'check-keepalived';
const TAIL = 40;

/**
 * `keepalived -t` on the configuration of every director, in a container of `image` (an engine id) without network. Only 2.x
 * has -t. Failures: StepFailed (config-rejected), ReceiptMismatch, those of a container.
 */
export async function runKeepalived(
  tools: Tools,
  image: string,
  rpm: TarFile['bytes'],
  directors: readonly HostFiles[],
  signal: AbortSignal,
): Promise<void> {
  const notes = createNotes();
  const tail: string[] = [];
  const outputs = new Map<string, Buffer>();
  const files = directors.flatMap(({ name, files: own }) =>
    own.map(({ path, mode, text }) => ({ path: `in/hosts/${name}/${path}`, mode, bytes: Buffer.from(text) })),
  );
  try {
    await tools.containers.run(
      {
        step: STEP,
        image,
        command: ['/bin/bash', '/step/entry.sh', `${STEP}.sh`],
        env: {},
        user: 'root',
        network: 'none',
        writableRoot: 'keepalived is installed into it',
        files: [
          ...(await refFiles(tools, await scripts(), 'step', 0o755)),
          { path: 'in/keepalived.rpm', mode: 0o644, bytes: rpm },
          ...files,
        ],
        tmpfs: {},
        volumes: {},
        idleSeconds: 120,
      },
      {
        onLine(_stream, line) {
          if (!notes.take(line).note) tail.push(line);
        },
        async onOutput(file) {
          outputs.set(file.path, await buffer(file.bytes));
        },
        signal,
      },
    );
  } catch (thrown) {
    const said = notes.error();
    if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'ContainerExit' || said === undefined)
      throw thrown;
    throw new FactoryError({ kind: 'StepFailed', step: STEP, ...said, tail: tail.slice(-TAIL) }, { cause: thrown });
  }
  checkOutputs(outputs, directors);
}

function checkOutputs(outputs: Map<string, Buffer>, directors: readonly HostFiles[]): void {
  const receipt = outputs.get('.receipt')?.toString('utf8');
  outputs.delete('.receipt');
  const received = [...outputs].map(
    ([path, bytes]) => [path, { digest: sha256Of(bytes), size: bytes.length }] as const,
  );
  checkReceipt(STEP, receipt, new Map(received));
  const checked = outputs.get('checked')?.toString('utf8').trimEnd().split('\n') ?? [];
  const missing = directors.filter(({ name }) => !checked.includes(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new FactoryError({ kind: 'ReceiptMismatch', step: STEP, detail: `not checked: ${missing.join(', ')}` });
  }
}

async function scripts(): Promise<FileRef[]> {
  const all = await stepScripts();
  return ['entry.sh', 'lib.sh', `${STEP}.sh`].map((name) => {
    const ref = all.get(name);
    if (ref === undefined) throw new Error(`there is no step script ${name}`);
    return ref;
  });
}
