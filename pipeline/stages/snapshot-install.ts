import type { SnapshotFile } from '../plan/snapshot.ts';
import { hostScript } from './host-script.ts';
import { installPath } from './install-manifest.ts';
import type { StageContext } from './stage.ts';

/** What a snapshot tells hosts: `signed` files get a detached signature of their own, the others are named by these. */
export interface SnapshotInstall {
  readonly signed: readonly SnapshotFile[];
  readonly others: readonly SnapshotFile[];
}

/** The folder install/ of a snapshot: manifests, what they name, the script that reads them. Empty without manifests. */
export async function snapshotInstall({ step, inputs, tools }: StageContext<'snapshot'>): Promise<SnapshotInstall> {
  const place = (one: Parameters<typeof installPath>[0]): SnapshotFile => {
    return { path: installPath(one), digest: one.digest, size: one.size };
  };
  const scripts = await Promise.all(
    Object.entries(step.params.hostScripts).map(async ([name, parts]) => {
      return { path: `install/${name}`, ...(await tools.store.put(await hostScript(tools.files, parts))) };
    }),
  );
  // Roles may share a file: it has its digest in its name.
  const others = new Map([...inputs.devices, ...inputs.hostFiles].map((one) => [one.name, place(one)]));
  return { signed: [...inputs.manifests.map(place), ...scripts], others: [...others.values()] };
}
