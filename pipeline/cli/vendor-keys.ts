import type { StepOf } from '../plan/step.ts';
import { FactoryError } from '../run/failure.ts';
import type { StepRecord } from '../run/record.ts';
import type { Session } from './session.ts';

type Records = ReadonlyMap<string, StepRecord>;

/**
 * Key files with which signatures of upstream were checked in a run: what the user gave, what lies in images, and downloads
 * of the key that had signed. Each once. Failures: AllMirrorsFailed (a key that only a download has).
 */
export async function upstreamKeys(session: Session, records: Records): Promise<readonly Buffer[]> {
  const found: Buffer[] = [];
  for (const step of session.plan.steps) {
    const record = records.get(step.id);
    if (step.stage === 'verify-srpm' && record !== undefined)
      found.push(...(await keysOf(session, step, record, records)));
  }
  return found.filter((key, index) => found.findIndex((other) => other.equals(key)) === index);
}

async function keysOf(
  session: Session,
  step: StepOf<'verify-srpm'>,
  record: StepRecord,
  records: Records,
): Promise<Buffer[]> {
  const { given, imagePaths, urls } = step.hints;
  const keys: Buffer[] = given.map(({ base64 }) => Buffer.from(base64, 'base64'));
  for (const [index, handle] of step.inputs.images.entries()) {
    const image = records.get(handle.step)?.outputs.find(({ kind }) => kind === 'image')?.engineId ?? '';
    try {
      keys.push(await session.tools.containers.readFile(image, imagePaths[index] ?? ''));
    } catch (thrown) {
      // As when the signature was checked: another place has it.
      if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'SourceMissing') throw thrown;
    }
  }
  const name = String(record.facts.key);
  const downloads = urls[name] ?? [];
  return downloads.length === 0 ? keys : [...keys, ...(await downloaded(session, name, downloads, keys.length > 0))];
}

async function downloaded(
  { tools, world }: Session,
  name: string,
  urls: readonly string[],
  othersThere: boolean,
): Promise<Buffer[]> {
  try {
    const { digest } = await tools.downloads.fetch(
      { source: name, file: `${name}.key`, urls, sha256: null, size: null },
      { onProgress: () => undefined, onAttempt: () => undefined, signal: world.signal },
    );
    return [await tools.store.read(digest)];
  } catch (thrown) {
    if (!othersThere || !(thrown instanceof FactoryError) || thrown.failure.kind !== 'AllMirrorsFailed') throw thrown;
    return [];
  }
}
