import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import Docker from 'dockerode';

/** A private mirror: passes requests on to the machine's own archive, under an address that only this test knows. */
export interface ForwardMirror extends AsyncDisposable {
  /** `172.17.0.1:40123`: what must not be found anywhere afterwards. */
  readonly authority: string;
  /** How many requests it answered. */
  count(): number;
}

/** Starts one on the address under which containers of the default bridge reach the host. */
export async function startForwardMirror(upstream: {
  readonly main: string;
  readonly security: string;
}): Promise<ForwardMirror> {
  const { IPAM } = (await new Docker().getNetwork('bridge').inspect()) as { IPAM: { Config: { Gateway?: string }[] } };
  const gateway = IPAM.Config[0]?.Gateway;
  if (gateway === undefined) throw new Error('the default bridge has no gateway');
  let served = 0;
  const server = createServer((incoming, outgoing) => {
    served += 1;
    const [, which = '', rest = ''] = /^\/(main|security)(\/.*)$/.exec(incoming.url ?? '') ?? [];
    const target = new URL((which === 'security' ? upstream.security : upstream.main) + rest);
    const headers = { ...incoming.headers, host: target.host };
    const forward = request(target, { method: incoming.method ?? 'GET', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    incoming.pipe(forward);
  });
  server.listen(0, gateway);
  await once(server, 'listening');
  return {
    authority: `${gateway}:${(server.address() as AddressInfo).port}`,
    count: () => served,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
