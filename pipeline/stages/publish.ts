import { isAsWished, isHalfSpent, nextPointer } from '../plan/pointer.ts';
import { parseSnapshotTree } from '../plan/snapshot.ts';
import { snapshotPage } from '../report/site.ts';
import type { SignedPointer } from '../tools/tools.ts';
import { hostScript } from './host-script.ts';
import { putKeyAndRepoFile } from './put-key.ts';
import { fingerprintOf } from './secret-key.ts';
import { signPointer } from './sign-pointer.ts';
import { snapshotPageInput } from './snapshot-page-input.ts';
import type { Stage, StageContext } from './stage.ts';

type Context = StageContext<'publish'>;

/**
 * Adds the evidence to the proven snapshot and signs what the pointer will say, then moves the pointer (which reads the whole
 * snapshot back from disk first): the one rename after which hosts see it. Nothing that is current is ever changed.
 */
export const publish: Stage<'publish'> = {
  name: 'publish',
  version: 3,
  weight: 'light',
  async present(record, tools) {
    const { recipe, snapshot } = record.facts;
    const pointer = await tools.repository(String(recipe)).pointer();
    if (pointer === undefined || !pointer.agrees || pointer.states.snapshot !== snapshot) return false;
    return isHalfSpent(pointer.states, new Date()) ? renewal(pointer) : true;
  },
  async run(context) {
    const { step, inputs, tools, log } = context;
    const { recipe } = step.params;
    const tree = parseSnapshotTree(await tools.store.read(inputs.snapshot.digest));
    const repository = tools.repository(recipe);
    if ((await repository.current()) !== tree.id) {
      for (const evidence of inputs.evidence)
        await repository.addFile(tree.id, `evidence/${evidence.name}`, await tools.store.read(evidence.digest));
      const about = { store: tools.store, repository, baseUrl: step.hints.baseUrl };
      const page = snapshotPage(await snapshotPageInput(tree, inputs.evidence, about));
      await repository.addFile(tree.id, 'index.html', Buffer.from(page));
    }
    const key = tree.files.find((file) => file.path === 'RPM-GPG-KEY-factory');
    if (key === undefined) throw new Error(`snapshot ${tree.id} has no public key`);
    const signed = await signedStatement(context, tree.id);
    await putKeyAndRepoFile(repository, { recipe, ...step.hints }, await tools.store.read(key.digest));
    // Signatures first: where a script has the wanted bytes, its signature is the right one too.
    for (const { name, bytes } of signed.files) await repository.putRootFile(name, bytes);
    await repository.moveTo(tree.id, step.hints.baseUrl, signed.pointer);
    log(`${recipe}: current is ${tree.id}`);
    const pointer = Buffer.from(`${JSON.stringify({ schema: 1, recipe, snapshot: tree.id })}\n`);
    return {
      outputs: [{ kind: 'pointer', name: 'current', ...(await tools.store.put(pointer)) }],
      facts: { recipe, snapshot: tree.id },
    };
  },
};

/** Why a pointer that is right is signed anew. */
function renewal({ states }: SignedPointer): string {
  return `the signed pointer expires ${states.expires}: less than half of its life is left`;
}

interface Statement {
  readonly pointer: string;
  /** Files beside the snapshots, in the order in which they are written. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
}

/**
 * The signed pointer at a snapshot, and the signed scripts that check it and install. What is there already and still right
 * stays, so that saying the same again is no new serial.
 */
async function signedStatement(context: Context, snapshot: string): Promise<Statement> {
  const { step, inputs, tools } = context;
  const { recipe, validDays, hostScripts, scripts } = step.params;
  const repository = tools.repository(recipe);
  const [fingerprint, now, wish] = [fingerprintOf(inputs.key), new Date(), { recipe, snapshot, validDays }];
  const before = await repository.pointer();
  const wanted = new Map<string, Buffer>();
  for (const [name, parts] of Object.entries(hostScripts)) wanted.set(name, await hostScript(tools.files, parts));
  if (before?.signer === fingerprint && isAsWished(before.states, wish, now)) {
    const there = await Promise.all(
      [...wanted].map(async ([name, bytes]) => (await repository.rootFile(name))?.equals(bytes) === true),
    );
    if (there.every(Boolean)) return { pointer: before.text, files: [] };
  }
  const states = nextPointer(before?.states, wish, now);
  const signer = { image: inputs.builder, scripts, fingerprint };
  const { pointer, signatures } = await signPointer(context, signer, states, wanted);
  const files = [...wanted].flatMap(([name, bytes]) => {
    const signature = signatures.get(name);
    if (signature === undefined) throw new Error(`sign-pointer.sh made no signature of ${name}`);
    return [
      { name: `${name}.asc`, bytes: signature },
      { name, bytes },
    ];
  });
  return { pointer, files };
}
