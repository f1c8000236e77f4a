import type { BootEvidence } from '../../../pipeline/report/proof.ts';

const KERNEL = '6.1.192-1.fn12.ipvs_20bit.x86_64';

/** A boot proof in which all is well. */
export function goodProof(): BootEvidence {
  return {
    ok: true,
    checks: [
      { id: 'kernel-backend1', want: '6.1.192-1.fn12.toa.x86_64', got: '6.1.192-1.fn12.toa.x86_64', ok: true },
      { id: 'connections-addresses', want: '1000 of 1000', got: '1000 of 1000', ok: true },
      { id: 'forged-by-client', want: '10.0.1.250:5002', got: '10.0.1.250:5002', ok: true },
    ],
    machines: [
      { name: 'director', kernel: KERNEL, bootSeconds: 3.1 },
      { name: 'client', kernel: KERNEL, bootSeconds: 3.2 },
      { name: 'backend1', kernel: '6.1.192-1.fn12.toa.x86_64', bootSeconds: 3 },
      { name: 'backend2', kernel: '6.1.192-1.fn12.toa.x86_64', bootSeconds: 2.9 },
    ],
    versions: { nginx: 'nginx version: nginx/1.22.1', qemu: 'QEMU emulator version 7.2.22' },
    seconds: { all: 31.5 },
    connection: {
      client: '10.0.1.2:40001',
      virtual: '10.0.1.100:80',
      local: '10.0.2.203:40001',
      server: '10.0.2.11:80',
      logged: '10.0.1.2:40001',
    },
  };
}
