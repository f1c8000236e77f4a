import { DEMO_COMMENT, readKey } from '../rpm/openpgp-key.ts';
import { FactoryError } from '../run/failure.ts';
import { makeKey } from './make-key.ts';
import { runScript } from './script-run.ts';
import { keyAccess } from './secret-key.ts';
import type { Stage, StageContext } from './stage.ts';
import { stepFailed } from './step-failed.ts';

type Context = StageContext<'signing-key'>;

/** Strong enough for trying things out, and made in a second. */
const DEMO_BITS = 3072;

/**
 * The public half of the key that signs. The user's own key is tried out: a wrong passphrase is found here, while the slow
 * builds still run. Without one a demo key is made, which says in its user id that it is one. Its secret half leaves the
 * container straight into the key directory (mode 0600), never through the store; losing it makes a new key and new signatures.
 */
export const signingKey: Stage<'signing-key'> = {
  name: 'signing-key',
  version: 2,
  weight: 'light',
  present: async (record, tools) => (await tools.keys.load(String(record.facts.fingerprint))) !== undefined,
  async run(context) {
    const { own } = context.step.params;
    const { fingerprint, armored } = own === null ? await demoKey(context) : await ownKey(context, own.fingerprint);
    const stored = await context.tools.store.put(armored);
    return {
      outputs: [{ kind: 'public-key', name: `RPM-GPG-KEY-${fingerprint}`, ...stored }],
      facts: { fingerprint, demo: readKey(armored.toString('latin1')).isDemo },
    };
  },
};

interface PublicKey {
  readonly fingerprint: string;
  readonly armored: Buffer;
}

async function demoKey(context: Context): Promise<PublicKey> {
  const { inputs, step, tools } = context;
  const { name, email, scripts } = step.params;
  const wish = { name, email, comment: DEMO_COMMENT, bits: DEMO_BITS, passphrase: '' };
  const made = await makeKey(context, { image: inputs.builder, scripts }, wish);
  await tools.keys.save(made.fingerprint, made.secret);
  return { fingerprint: made.fingerprint, armored: made.public };
}

async function ownKey(context: Context, fingerprint: string): Promise<PublicKey> {
  const { inputs, step, tools } = context;
  const { files } = await runScript(
    context,
    {
      image: inputs.builder,
      script: 'check-key.sh',
      scripts: step.params.scripts,
      env: { FINGERPRINT: fingerprint },
      files: [],
      ...(await keyAccess(tools, fingerprint)),
    },
    { explain: stepFailed(step.id) },
  );
  const publicKey = files.get('public.asc');
  if (publicKey === undefined)
    throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: 'check-key.sh left no public key' });
  return { fingerprint, armored: await tools.store.read(publicKey.digest) };
}
