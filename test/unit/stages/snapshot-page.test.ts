import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SnapshotTree } from '../../../pipeline/plan/snapshot.ts';
import { changesSince } from '../../../pipeline/stages/snapshot-page-changes.ts';
import { hostChanges } from '../../../pipeline/stages/snapshot-page-manifests.ts';
import { createStore } from '../../../pipeline/store/index.ts';
import { createRepository } from '../../../pipeline/tools/repository.ts';
import type { Store } from '../../../pipeline/tools/tools.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { sha256 } from '../../helpers/tiny-snapshot.ts';

const GOLDEN = join(import.meta.dirname, '../host-manifest/golden');

/** A snapshot of these files, in the store. */
async function treeOf(store: Store, files: Readonly<Record<string, Buffer | string>>): Promise<SnapshotTree> {
  const put = async (path: string, bytes: Buffer | string) => ({ path, ...(await store.put(Buffer.from(bytes))) });
  return {
    schema: 1,
    recipe: 'r',
    id: '20260102T000000Z-000000000000',
    createdAt: '2026-01-02T00:00:00.000Z',
    keyFingerprint: 'A'.repeat(40),
    keyIsDemo: true,
    unlocked: [],
    files: await Promise.all(Object.entries(files).map(([path, bytes]) => put(path, bytes))),
  };
}

describe('what the installer changes', () => {
  it('every kind of change of a manifest, with its reason; nothing without manifests', async () => {
    const store = createStore(tempDir());
    const json = await readFile(join(GOLDEN, 'el6-director.json.txt'));
    const tree = await treeOf(store, { 'install/director.json': json, 'install/director.devices': 'devices 1 x\n' });
    const [host, ...more] = await hostChanges(tree, store);
    expect(more).toEqual([]);
    expect(host?.role).toBe('director');
    const of = (kind: string) => host?.changes.filter((one) => one.kind === kind) ?? [];
    expect(of('boot argument').map(({ what }) => what)).toEqual(['nohz=off']);
    expect(of('removed package').map(({ what }) => what)).toContain('gcc');
    expect(of('setting').map(({ what }) => what)).toContain('/etc/sysconfig/kernel: UPDATEDEFAULT=no');
    expect(of('offload of every NIC').map(({ what }) => what)).toContain('gro off');
    expect(of('service at boot').map(({ what }) => what)).toContain('irqbalance off');
    expect(of('sysctl').length).toBeGreaterThan(0);
    for (const { kind, reason } of host?.changes ?? []) expect(kind === 'boot argument' || reason !== '').toBe(true);
    expect(await hostChanges(await treeOf(store, { 'pair.json': '{}' }), store)).toEqual([]);
  });
});

describe('changes since the snapshot that is current', () => {
  const sums = (digit: string): string => `${digit.repeat(64)}  RPMS/a-1.x86_64.rpm\n`;

  async function rig(currentSums: string | null) {
    const dir = tempDir();
    const store = createStore(join(dir, 'store'));
    const repository = createRepository(join(dir, 'repository'), 'r');
    const id = `20260101T000000Z-${sha256(sums('1')).slice(0, 12)}`;
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(repository.root, path)), { recursive: true });
      writeFileSync(join(repository.root, path), text);
    };
    if (currentSums !== null) {
      put(`snapshots/${id}/SHA256SUMS`, currentSums);
      // Not in the sums: nothing that vouches for it, so it says nothing.
      put(
        `snapshots/${id}/provenance.json`,
        '{"predicate":{"buildDefinition":{"externalParameters":{"packages":[]}}}}',
      );
      put('current', `${id}\n`);
    }
    return { id, found: await changesSince(await treeOf(store, { SHA256SUMS: sums('2') }), repository, store) };
  }

  it('none when nothing was published', async () => {
    expect((await rig(null)).found).toBeNull();
  });

  it('compares with what the sums of the other one say, as far as they are those of its id', async () => {
    const { id, found } = await rig(sums('1'));
    const packages = [{ name: 'a-1.x86_64', before: '1'.repeat(64), after: '2'.repeat(64) }];
    expect(found).toEqual({ previous: id, found: { packages, patches: null, config: null } });
  });

  it('says nothing when the other one was changed', async () => {
    const { id, found } = await rig(sums('3'));
    expect(found).toEqual({ previous: id, found: null });
  });
});
