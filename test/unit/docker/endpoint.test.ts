import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../pipeline/tools/docker/endpoint.ts';

const tls = { ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key') };

describe('parseEndpoint', () => {
  it.each([undefined, '', 'unix:///var/run/docker.sock'])('%s is the default socket', (endpoint) => {
    const { name, options } = parseEndpoint(endpoint, undefined);
    expect(name).toBe('unix:///var/run/docker.sock');
    expect(options).toMatchObject({ socketPath: '/var/run/docker.sock', host: undefined });
  });

  it.each([
    ['tcp://build-host', undefined, { host: 'build-host', port: 2375, protocol: 'http' }],
    ['tcp://build-host:4000', undefined, { host: 'build-host', port: 4000, protocol: 'http' }],
    ['tcp://build-host', tls, { host: 'build-host', port: 2376, protocol: 'https', ...tls }],
    ['tcp://[::1]:2375', undefined, { host: '::1', port: 2375, protocol: 'http' }],
  ])('%s', (endpoint, secure, options) => {
    expect(parseEndpoint(endpoint, secure).options).toMatchObject({ ...options, socketPath: undefined });
  });
});
