import { FactoryError } from '../../run/failure.ts';

/** What dockerode and Node put on their errors. */
interface EngineError extends NodeJS.ErrnoException {
  readonly statusCode?: number;
  readonly json?: { readonly message?: string } | null;
}

/** HTTP status of an engine's answer; undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error ? (error as EngineError).statusCode : undefined;
}

/** What the engine itself said, without dockerode's "(HTTP code 500)…" around it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = (error as EngineError).json?.message ?? error.message;
  return said.replace(/^\(HTTP code \d+\) /, '').trim();
}

/** Turns the expected statuses into undefined; everything else stays an error. */
export async function tolerate<T>(promise: Promise<T>, ...statuses: readonly number[]): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && statuses.includes(status)) return undefined;
    throw error;
  }
}

const LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNABORTED']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Whether the connection to the engine could not be made or broke, as opposed to an answer of the engine. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof FactoryError) return false;
  const { code, syscall } = error as EngineError;
  if (code === undefined) return false;
  if (code === 'ENOENT') return syscall === 'connect';
  return LOST.has(code) || UNREACHABLE.has(code) || code.startsWith('ERR_TLS') || code.includes('CERT');
}

/** Whether a message says that a disk is full. */
export function saysDiskFull(message: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(message);
}

function adviceFor(code: string | undefined, endpoint: string): string {
  switch (code ?? '') {
    case 'ENOENT':
      return 'No engine listens there: start Docker, or run scripts/setup.sh, which installs and starts one.';
    case 'ECONNREFUSED':
      return 'The engine is not running: start Docker (systemctl start docker), or run scripts/setup.sh.';
    case 'EACCES':
    case 'EPERM':
      return 'No permission: add your user to the docker group (sudo usermod -aG docker $USER, then log in again) or use sudo.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return 'The host of DOCKER_HOST (or --engine) cannot be reached: correct it, or unset it to use the local engine.';
    default:
      return endpoint.startsWith('unix:')
        ? 'The connection broke: see the log of the engine (journalctl -u docker), then run again.'
        : 'The connection broke: check the network, the TLS settings and the log of the engine, then run again.';
  }
}

/** EngineUnavailable with advice that fits the error. */
export function unavailable(endpoint: string, error: unknown): FactoryError {
  const code = error instanceof Error ? (error as EngineError).code : undefined;
  return new FactoryError(
    { kind: 'EngineUnavailable', endpoint, reason: messageOf(error), advice: adviceFor(code, endpoint) },
    { cause: error },
  );
}

/** Gives an error of the engine its type: DiskFull, EngineUnavailable; anything else comes back as it is. */
export function translate(error: unknown, endpoint: string): unknown {
  if (error instanceof FactoryError) return error;
  const detail = messageOf(error);
  if (saysDiskFull(detail)) return new FactoryError({ kind: 'DiskFull', path: endpoint, detail }, { cause: error });
  return isConnectionError(error) ? unavailable(endpoint, error) : error;
}
