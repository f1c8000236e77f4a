import { manifestSchema } from '../host/manifest/schema.ts';
import type { SnapshotTree } from '../plan/snapshot.ts';
import type { HostChanges } from '../report/site-host.ts';
import type { Store } from '../tools/tools.ts';

/** What the manifests of a snapshot change on hosts, by role; empty where it has none. Throws a ZodError for another format. */
export async function hostChanges(tree: SnapshotTree, store: Store): Promise<readonly HostChanges[]> {
  const files = tree.files.filter(({ path }) => /^install\/[^/]+\.json$/.test(path));
  return Promise.all(
    files.map(async ({ digest }) => {
      const found = manifestSchema.parse(JSON.parse((await store.read(digest)).toString('utf8')));
      const { role, kernel } = found;
      return {
        role,
        release: kernel.release,
        changes: [
          ...kernel.arguments.map((one) => ({ kind: 'boot argument', what: one, reason: '' })),
          ...found.modules.map(({ name, reason }) => ({ kind: 'module at boot', what: name, reason })),
          ...found.sysctl.map(({ key, value, reason }) => ({ kind: 'sysctl', what: `${key} = ${value}`, reason })),
          ...found.offloads.map(({ feature, value, reason }) => ({
            kind: 'offload of every NIC',
            what: `${feature} ${value}`,
            reason,
          })),
          ...found.services.map(({ name, state, reason }) => ({
            kind: 'service at boot',
            what: `${name} ${state}`,
            reason,
          })),
          ...found.settings.map(({ file, key, value, reason }) => ({
            kind: 'setting',
            what: `${file}: ${key}=${value}`,
            reason,
          })),
          ...found.files.map(({ path, reason }) => ({ kind: 'file', what: path, reason })),
          ...found.remove.map(({ name, reason }) => ({ kind: 'removed package', what: name, reason })),
        ],
      };
    }),
  );
}
