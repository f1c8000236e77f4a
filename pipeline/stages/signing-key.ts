import { FactoryError } from '../run/failure.ts';
import { runScript } from './script-run.ts';
import type { Stage } from './stage.ts';

/**
 * Makes the throw-away RSA key with which demo snapshots are signed. The secret half leaves the container straight into
 * the key directory (mode 0600), never through the store; losing it makes a new key and new signatures.
 */
export const signingKey: Stage<'signing-key'> = {
  name: 'signing-key',
  version: 1,
  weight: 'light',
  present: async (record, tools) => (await tools.keys.load(String(record.facts.fingerprint))) !== undefined,
  async run(context) {
    const { step, inputs, tools } = context;
    const { name, email, scripts } = step.params;
    const result = await runScript(
      context,
      { image: inputs.builder, script: 'make-key.sh', scripts, env: { KEY_NAME: name, KEY_EMAIL: email }, files: [] },
      { keepOutOfStore: (path) => path === 'secret.asc' },
    );
    const secret = result.secrets.get('secret.asc');
    const publicKey = result.files.get('public.asc');
    const fingerprintFile = result.files.get('fingerprint');
    if (secret === undefined || publicKey === undefined || fingerprintFile === undefined)
      throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: 'make-key.sh left no key' });
    const fingerprint = (await tools.store.read(fingerprintFile.digest)).toString('utf8').trim();
    await tools.keys.save(fingerprint, secret);
    return {
      outputs: [{ kind: 'public-key', name: `RPM-GPG-KEY-${fingerprint}`, ...publicKey }],
      facts: { fingerprint, demo: true },
    };
  },
};
