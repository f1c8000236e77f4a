import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { errorCode } from '../../store/durable.ts';
import { FactoryError } from '../../run/failure.ts';
import type { AgentKey } from '../tools.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The public key of this fingerprint in the user's keyring, and the restricted socket of the user's gpg-agent: it signs, and
 * neither gives secrets away nor ends. `env`: of this process, for PATH, HOME and GNUPGHOME. Failures: Usage (no gpg, no such
 * key, no agent).
 */
export async function signingAgent(fingerprint: string, env: Environment): Promise<AgentKey> {
  const publicKey = await output('gpg', ['--batch', '--no-tty', '--armor', '--export', fingerprint], env);
  if (publicKey.length === 0)
    throw usage(
      `the keyring of this user has no key ${fingerprint}`,
      'Import its public half: gpg --import FILE. For a card: gpg --card-status afterwards.',
    );
  // Makes it listen where nobody used it yet.
  await output('gpg-connect-agent', ['/bye'], env);
  const socket = (await output('gpgconf', ['--list-dirs', 'agent-extra-socket'], env)).toString('utf8').trim();
  if (!(await isSocket(socket)))
    throw usage(
      `no gpg-agent listens at ${socket}`,
      'Its restricted socket must not be turned off: look for extra-socket in gpg-agent.conf.',
    );
  return { socket, publicKey };
}

function output(program: string, args: readonly string[], env: Environment): Promise<Buffer> {
  return new Promise((done, reject) => {
    execFile(program, [...args], { env, encoding: 'buffer', timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else if (errorCode(error) === 'ENOENT')
        reject(usage(`this machine has no ${program}`, 'Signing with an agent needs GnuPG 2.1 or later.'));
      else reject(usage(`${program} fails: ${stderr.toString('utf8').trim() || error.message}`, 'Try it by hand.'));
    });
  });
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function usage(what: string, advice: string): FactoryError {
  return new FactoryError({ kind: 'Usage', message: `--signing-agent: ${what}`, advice });
}
