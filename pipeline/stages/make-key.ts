import type { Artifact } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import type { StageName } from '../plan/step.ts';
import { readKey } from '../rpm/openpgp-key.ts';
import { FactoryError } from '../run/failure.ts';
import { runScript } from './script-run.ts';
import type { StageContext } from './stage.ts';
import { stepFailed } from './step-failed.ts';

/** What a new key shall be. */
export interface KeyWish {
  readonly name: string;
  readonly email: string;
  /** Of the user id; empty for none. */
  readonly comment: string;
  /** 2048 to 4096. */
  readonly bits: number;
  /** Empty for none. */
  readonly passphrase: string;
}

/** A key pair in its armor. */
export interface MadeKey {
  readonly fingerprint: string;
  readonly secret: Buffer;
  readonly public: Buffer;
}

/**
 * Makes an RSA key in a container without network. Both halves come back in memory: nothing enters the store here.
 * Failures: StepFailed (gpg made none), ReceiptMismatch.
 */
export async function makeKey(
  context: StageContext<StageName>,
  { image, scripts }: { readonly image: Artifact<'image'>; readonly scripts: readonly FileRef[] },
  wish: KeyWish,
): Promise<MadeKey> {
  const { secrets } = await runScript(
    context,
    {
      image,
      script: 'make-key.sh',
      scripts,
      env: { KEY_NAME: wish.name, KEY_EMAIL: wish.email, KEY_COMMENT: wish.comment, KEY_BITS: String(wish.bits) },
      files: [],
      stdin: Buffer.from(`${wish.passphrase}\n`),
    },
    { keepOutOfStore: () => true, explain: stepFailed(context.step.id) },
  );
  const [secret, publicKey] = [secrets.get('secret.asc'), secrets.get('public.asc')];
  if (secret === undefined || publicKey === undefined)
    throw new FactoryError({ kind: 'ReceiptMismatch', step: context.step.id, detail: 'make-key.sh left no key' });
  return { fingerprint: readKey(publicKey.toString('latin1')).fingerprint, secret, public: publicKey };
}
