import { baseName } from './script-run.ts';
import type { Stage } from './stage.ts';

/** Takes a file of the recipe's own folder as a source. */
export const fetchFile: Stage<'fetch-file'> = {
  name: 'fetch-file',
  version: 1,
  weight: 'light',
  async run({ step, tools }) {
    const { file } = step.params;
    const { digest, size } = await tools.store.put(await tools.files.read(file), { want: file.sha256 });
    return {
      outputs: [{ kind: 'source', name: baseName(file.path), digest, size }],
      facts: { trust: 'in the recipe' },
    };
  },
};
