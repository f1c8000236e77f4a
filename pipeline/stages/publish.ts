import { parseSnapshotTree } from '../plan/snapshot.ts';
import { snapshotPage } from '../report/site.ts';
import { putKeyAndRepoFile } from './put-key.ts';
import { snapshotPageInput } from './snapshot-page-input.ts';
import type { Stage } from './stage.ts';

/**
 * Adds the evidence to the proven snapshot, then moves the pointer (which reads the whole snapshot back from disk first): the
 * one rename after which hosts see it. Nothing that is current is ever changed.
 */
export const publish: Stage<'publish'> = {
  name: 'publish',
  version: 1,
  weight: 'light',
  present: async (record, tools) =>
    (await tools.repository(String(record.facts.recipe)).current()) === String(record.facts.snapshot),
  async run({ step, inputs, tools, log }) {
    const { recipe } = step.params;
    const tree = parseSnapshotTree(await tools.store.read(inputs.snapshot.digest));
    const repository = tools.repository(recipe);
    if ((await repository.current()) !== tree.id) {
      for (const evidence of inputs.evidence)
        await repository.addFile(tree.id, `evidence/${evidence.name}`, await tools.store.read(evidence.digest));
      const page = snapshotPage(await snapshotPageInput(tree, inputs.evidence, tools.store));
      await repository.addFile(tree.id, 'index.html', Buffer.from(page));
    }
    const key = tree.files.find((file) => file.path === 'RPM-GPG-KEY-factory');
    if (key === undefined) throw new Error(`snapshot ${tree.id} has no public key`);
    await putKeyAndRepoFile(repository, { recipe, ...step.hints }, await tools.store.read(key.digest));
    await repository.moveTo(tree.id, step.hints.baseUrl);
    log(`${recipe}: current is ${tree.id}`);
    const pointer = Buffer.from(`${JSON.stringify({ schema: 1, recipe, snapshot: tree.id })}\n`);
    return {
      outputs: [{ kind: 'pointer', name: 'current', ...(await tools.store.put(pointer)) }],
      facts: { recipe, snapshot: tree.id },
    };
  },
};
