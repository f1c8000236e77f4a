import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBootEvidence, proofLines } from '../report/proof.ts';
import { EXIT } from '../run/exit-code.ts';
import { exitCodeOfRun, runSteps } from './run.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/** `factory demo`: recipe lts from its real sources to a published snapshot, then what to do with it. */
export async function demo(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, { ...options, recipe: 'lts' });
  const outcome = await runSteps(session, { only: ['publish'] });
  const code = exitCodeOfRun(outcome);
  if (code !== EXIT.ok || options.json) return code;
  const snapshot = String(outcome.records.get('publish')?.facts.snapshot);
  const repository = session.tools.repository(session.recipe.name);
  const proof = parseBootEvidence(await readFile(join(repository.snapshotDir(snapshot), 'evidence/verify-boot.json')));
  const pointer = await repository.pointer();
  const served = `http://THIS-MACHINE:8080/${session.recipe.name}`;
  world.stdout.write(
    [
      '',
      ...proofLines(proof),
      `Published: ${repository.snapshotDir(snapshot)}`,
      session.signingKey === undefined
        ? '  signed with a demo key made on this machine: good for trying, not for production'
        : `  signed with ${session.signingKey.fingerprint}`,
      'Try it:    bin/factory serve --host 0.0.0.0    then, on a host:',
      `           curl -O ${served}/install.sh`,
      `           sh install.sh plan --role director --fingerprint ${pointer?.signer ?? 'FINGERPRINT'} ${served}`,
      'Look at:   bin/factory plan --recipe lts   what a second run would do (nothing)',
      '',
    ].join('\n'),
  );
  return code;
}
