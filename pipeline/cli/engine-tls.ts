import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Client certificates as the docker command finds them: DOCKER_TLS_VERIFY and DOCKER_CERT_PATH (default ~/.docker). */
export async function engineTls(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ ca: Buffer; cert: Buffer; key: Buffer } | undefined> {
  if (env.DOCKER_TLS_VERIFY === undefined || env.DOCKER_TLS_VERIFY === '') return undefined;
  const dir = env.DOCKER_CERT_PATH ?? join(homedir(), '.docker');
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(dir, name))));
  if (ca === undefined || cert === undefined || key === undefined) throw new Error(`no certificates in ${dir}`);
  return { ca, cert, key };
}
