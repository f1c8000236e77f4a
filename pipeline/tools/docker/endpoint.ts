import type { DockerOptions } from 'dockerode';
import { FactoryError } from '../../run/failure.ts';

/** PEM files for an engine behind TLS. */
export interface EngineTls {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Where an engine is, in words and for dockerode. */
export interface Endpoint {
  readonly name: string;
  readonly options: DockerOptions;
}

const DEFAULT = 'unix:///var/run/docker.sock';

/** dockerode fills in what is missing from DOCKER_HOST of the environment; explicit undefined keeps it out. */
const NOTHING: DockerOptions = {
  socketPath: undefined,
  host: undefined,
  port: undefined,
  protocol: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  timeout: undefined,
};

/** Reads a value of DOCKER_HOST: unix:///path, tcp://host[:port]; undefined is the default socket. */
export function parseEndpoint(endpoint: string | undefined, tls: EngineTls | undefined): Endpoint {
  const name = endpoint === undefined || endpoint === '' ? DEFAULT : endpoint;
  if (name.startsWith('unix://')) {
    const socketPath = name.slice('unix://'.length);
    if (!socketPath.startsWith('/')) throw unusable(name, 'the path of the socket is not absolute');
    return { name, options: { ...NOTHING, socketPath } };
  }
  if (name.startsWith('ssh://')) throw unusable(name, 'ssh:// is not supported');
  const url = URL.canParse(name) ? new URL(name) : undefined;
  if (url?.protocol !== 'tcp:' || url.hostname === '') throw unusable(name, 'not an address of an engine');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (tls === undefined ? 2375 : 2376) : Number(url.port);
  const secure: DockerOptions = tls === undefined ? { protocol: 'http' } : { protocol: 'https', ...tls };
  return { name, options: { ...NOTHING, host, port, ...secure } };
}

function unusable(endpoint: string, reason: string): FactoryError {
  const advice =
    'Set DOCKER_HOST (or --engine) to unix:///path/to/docker.sock or tcp://host:port; for a host behind ssh, forward its ' +
    'socket first: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock host, then use unix:///tmp/docker.sock.';
  return new FactoryError({ kind: 'EngineUnavailable', endpoint, reason, advice });
}
