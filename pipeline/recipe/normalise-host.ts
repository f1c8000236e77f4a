import { asSha256 } from '../plan/artifact.ts';
import type { Host } from '../plan/host.ts';
import type { Path } from './document.ts';
import { mentioned, type Reading } from './read-files.ts';
import type { HostInput } from './schema-host.ts';

/** Fills every gap of a role's section `host:` and digests its files. What cannot be read is reported. */
export function normaliseHost(input: HostInput, at: Path, reading: Reading): Host {
  const files: Host['files'][number][] = [];
  for (const [index, { file, ...rest }] of (input.files ?? []).entries()) {
    const ref = mentioned(reading, 'recipe', file, [...at, 'files', index, 'file']);
    files.push({ ...rest, file: ref ?? { root: 'recipe', path: file, sha256: asSha256('0'.repeat(64)) } });
  }
  return {
    platform: input.platform,
    kernel: { initramfs: input.kernel.initramfs, arguments: input.kernel.arguments ?? [] },
    packages: input.packages ?? {},
    remove: input.remove ?? [],
    modules: input.modules ?? [],
    sysctl: input.sysctl ?? [],
    offloads: input.offloads ?? [],
    services: input.services ?? [],
    settings: (input.settings ?? []).map((one) => ({ ...one, when: one.when ?? 'exists' })),
    files,
    after: input.checks?.after ?? [],
  };
}
