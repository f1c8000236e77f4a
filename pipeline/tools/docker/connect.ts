import type Docker from 'dockerode';
import type Semver from 'semver';
import { FactoryError } from '../../run/failure.ts';
import type { EngineInfo } from '../tools.ts';
import type { Endpoint, EngineTls } from './endpoint.ts';
import { parseEndpoint } from './endpoint.ts';
import { messageOf, translate, unavailable } from './errors.ts';
import type { Identity } from './labels.ts';

/** A connected engine and what was learned about it. */
export interface Engine {
  readonly docker: Docker;
  readonly info: EngineInfo;
  readonly identity: Identity;
}

/** API 1.40 (Docker 19.03) is the first with everything that is used here. */
const NEEDED_API = '1.40.0';
const ANSWER_WITHIN_MS = 15_000;

/** A connection made on first use and kept; a failed one is not kept, so the next use tries again. */
export function connector(
  endpoint: string | undefined,
  tls: EngineTls | undefined,
  identity: Identity,
): () => Promise<Engine> {
  let connecting: Promise<Engine> | undefined;
  return () => {
    connecting ??= connect(endpoint, tls, identity).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
}

async function connect(address: string | undefined, tls: EngineTls | undefined, identity: Identity): Promise<Engine> {
  const endpoint = parseEndpoint(address, tls);
  // Imported late: loading dockerode takes a third of a second, which a run that finds everything cached must not pay.
  const [{ default: Client }, { default: semver }] = await Promise.all([import('dockerode'), import('semver')]);
  const docker = new Client(endpoint.options);
  try {
    return { docker, info: await learn(docker, endpoint, semver), identity };
  } catch (error) {
    const known = translate(error, endpoint.name);
    throw known instanceof FactoryError ? known : unavailable(endpoint.name, error);
  }
}

/** The fields that are used of GET /info. */
interface SystemInfo {
  readonly OSType?: string;
  readonly Architecture?: string;
  readonly KernelVersion?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly SecurityOptions?: readonly string[] | null;
}

async function learn(
  docker: Docker,
  endpoint: Endpoint,
  semver: Pick<typeof Semver, 'coerce' | 'lt'>,
): Promise<EngineInfo> {
  await ping(docker, endpoint);
  const version = await docker.version();
  const api = semver.coerce(version.ApiVersion);
  if (api === null || semver.lt(api, NEEDED_API)) {
    throw new FactoryError({ kind: 'EngineTooOld', have: version.ApiVersion, need: NEEDED_API.replace(/\.0$/, '') });
  }
  const info = (await docker.info()) as SystemInfo;
  return {
    endpoint: endpoint.name,
    version: version.Version,
    apiVersion: version.ApiVersion,
    os: info.OSType ?? version.Os,
    arch: info.Architecture ?? version.Arch,
    kernel: info.KernelVersion ?? version.KernelVersion,
    cpus: info.NCPU ?? 1,
    memoryBytes: info.MemTotal ?? 0,
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('rootless')),
  };
}

async function ping(docker: Docker, endpoint: Endpoint): Promise<void> {
  const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
  // The types lack the options of ping.
  const pingWith = docker.ping.bind(docker) as (options: { abortSignal: AbortSignal }) => Promise<unknown>;
  try {
    await pingWith({ abortSignal: deadline });
  } catch (error) {
    if (!deadline.aborted) throw error;
    const late = Object.assign(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s: ${messageOf(error)}`), {
      code: 'ETIMEDOUT',
    });
    throw unavailable(endpoint.name, late);
  }
}
