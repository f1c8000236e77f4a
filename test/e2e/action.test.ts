import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '../..');

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/**
 * The commands of action.yml, as the runner starts them, in the workspace of another repository that holds only recipes: one that
 * extends another one. Without cache no step has a condition; the first command is setup.sh, which has run before every test.
 */
test('another repository uses the action with a recipe of its own', async () => {
  const action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as Action;
  const workspace = await mkdtemp(join(tmpdir(), 'factory-action-'));
  try {
    await cp(join(ROOT, 'test/fixtures/recipes/hello'), join(workspace, 'recipes/hello'), { recursive: true });
    await mkdir(join(workspace, 'recipes/acme'));
    const yaml = 'schema: 1\nname: acme\nextends: ../hello\npublish: { baseUrl: https://acme.example/acme }\n';
    await writeFile(join(workspace, 'recipes/acme/recipe.yaml'), yaml);
    const context = new Map<string, string>(
      Object.entries(action.inputs).map(([name, input]) => [`inputs.${name}`, input.default]),
    );
    context.set('inputs.recipe', 'recipes/acme').set('inputs.cache', 'false');
    const fill = (text: string): string =>
      text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => context.get(name) ?? '');

    const steps = action.runs.steps.filter((step) => step.run !== undefined && step.if === undefined);
    expect(steps.map(({ id }) => id)).toEqual([undefined, 'arguments', 'build']);
    for (const { id = '', run = '', env = {} } of steps.slice(1)) {
      const files = { GITHUB_OUTPUT: join(workspace, 'output'), GITHUB_STEP_SUMMARY: join(workspace, 'summary') };
      for (const file of Object.values(files)) await writeFile(file, '');
      const filled = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]));
      const own = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: workspace, GITHUB_ACTION_PATH: ROOT };
      await promisify(execFile)('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
        cwd: workspace,
        env: { ...process.env, ...own, ...files, ...filled },
        maxBuffer: 2 ** 26,
      });
      const written = await readFile(files.GITHUB_OUTPUT, 'utf8');
      for (const [, name = '', value = ''] of written.matchAll(/^(\w+)=(.*)$/gm))
        context.set(`steps.${id}.outputs.${name}`, value);
      for (const [, name = '', , value = ''] of written.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm))
        context.set(`steps.${id}.outputs.${name}`, value);
    }

    expect(context.get('steps.arguments.outputs.packages')).toMatch(/^acme-[0-9a-f]{16}-[0-9a-f]{16}$/);
    const outputs = Object.entries(action.outputs).map(([name, { value }]) => [name, fill(value)]);
    const { snapshot = '', repository = '', pair } = Object.fromEntries(outputs) as Record<string, string>;
    expect(repository).toBe(join(workspace, 'artifacts/repository/acme'));
    expect(existsSync(join(repository, 'snapshots', snapshot, 'evidence/verify-install-backend.json'))).toBe(true);
    expect(pair).toBe('');
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
});
