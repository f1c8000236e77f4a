import { isAsWished, nextPointer, type Pointer } from '../plan/pointer.ts';
import { FactoryError } from '../run/failure.ts';
import { signPointer } from '../stages/sign-pointer.ts';
import { currentKey, publishedKeys } from '../tools/published-keys.ts';
import type { Repository } from '../tools/tools.ts';
import { underLock } from './locked.ts';
import { loneContext, onlyStep, signingImage } from './lone-step.ts';
import { exitCodeOfRun } from './run.ts';
import type { Session } from './session.ts';

/** What a command does around a move of the pointer. */
export interface Move {
  readonly snapshot: string;
  /** Sign it anew even when what is there says the same and has most of its life before it. */
  readonly always: boolean;
  /** May refuse: called before anything is made, and again under the lock, right before the move. */
  readonly check: () => Promise<void>;
  /** What belongs to the move, under the lock, when every byte of the snapshot is known to be good. */
  readonly finish: () => Promise<void>;
}

/** What the pointer states now, or the exit code of a run that did not get so far. */
type Moved = { readonly states: Pointer } | { readonly states?: undefined; readonly exitCode: number };

/**
 * Moves the pointer of the session's recipe without a run of its steps. What it will say is signed before anything moves, by a
 * key that hosts know; where the pointer says it already, that takes neither engine nor key. Failures: Usage (the key is not
 * here), SnapshotInvalid, LockHeld, and those of signing.
 */
export async function movePointer(session: Session, { snapshot, always, check, finish }: Move): Promise<Moved> {
  const { recipe, tools } = session;
  const repository = tools.repository(recipe.name);
  const wish = { recipe: recipe.name, snapshot, validDays: recipe.publish.validDays };
  await check();
  const there = await repository.pointer();
  const isRight = !always && there !== undefined && isAsWished(there.states, wish, new Date());
  const fingerprint = isRight ? '' : await hostsKey(session, repository);
  const { outcome, image } = isRight ? {} : await signingImage(session, 'stderr');
  if (outcome !== undefined && image === undefined) return { exitCode: exitCodeOfRun(outcome) };
  return underLock(session, async () => {
    await check();
    const before = await repository.pointer();
    const text =
      image === undefined
        ? (before?.text ?? '')
        : await signed(session, { image, fingerprint }, nextPointer(before?.states, wish, new Date()));
    await repository.moveTo(snapshot, recipe.publish.baseUrl, text);
    await finish();
    const after = await repository.pointer();
    if (after === undefined) throw new Error('the pointer that was just written is not there');
    return { states: after.states };
  });
}

async function signed(
  session: Session,
  by: Pick<Parameters<typeof signPointer>[1], 'image' | 'fingerprint'>,
  states: Pointer,
): Promise<string> {
  // Its scripts are those that sign pointers; nothing else of the step is used.
  const step = onlyStep(session, 'publish');
  const context = loneContext(session, onlyStep(session, 'signing-key'), { builder: by.image });
  return (await signPointer(context, { ...by, scripts: step.params.scripts }, states)).pointer;
}

/** The key that signs: the one that was given, or else one of this machine, the current one first. Hosts have to know it. */
async function hostsKey({ signingKey, recipe, tools }: Session, { root }: Repository): Promise<string> {
  const [current, known] = [await currentKey(root), await publishedKeys(root)];
  const told = `hosts of ${recipe.name} know ${known.join(', ') || 'no key'}`;
  if (signingKey !== undefined) {
    if (known.includes(signingKey.fingerprint)) return signingKey.fingerprint;
    throw usage(
      `the pointer cannot be signed with ${signingKey.fingerprint}: ${told}`,
      'Give a key that they know, or publish with the new one first: bin/factory key rotate --signing-key FILE.',
    );
  }
  const inOrder = [...known].sort((a, b) => Number(b === current) - Number(a === current));
  for (const fingerprint of inOrder) if ((await tools.keys.load(fingerprint)) !== undefined) return fingerprint;
  throw usage(
    `the pointer has to be signed, and no key for it is here: ${told}`,
    'Give it with --signing-key FILE or in FACTORY_SIGNING_KEY.',
  );
}

function usage(message: string, advice: string): FactoryError {
  return new FactoryError({ kind: 'Usage', message, advice });
}
