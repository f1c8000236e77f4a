import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { checkTag } from '../../../scripts/release/check-tag.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const ROOT = join(import.meta.dirname, '../../..');
const WORKFLOWS = '.github/workflows';

/** What each break of a copy of ci.yml must be called: GitHub's schema, its expressions, shellcheck. One process for all. */
const BREAKS: readonly (readonly [name: string, from: string, to: string, line: string, message: RegExp])[] = [
  [
    'key',
    'timeout-minutes: 20',
    'timeout-minute: 20',
    'timeout-minute: 20',
    /schema: Unexpected value 'timeout-minute'/,
  ],
  ['type', 'cancel-in-progress: $', 'cancel-in-progress: [$', 'cancel-in-progress', /schema: /],
  ['syntax', '!cancelled()', '!cancelled( ', 'if: ', /schema: .*(?:Unexpected|expected)/],
  ['function', '!cancelled()', '!canceled()', 'if: ', /schema: Unrecognized function: 'canceled'/],
  [
    'context',
    '!cancelled()',
    "steps.nobody.outputs.x == 'y'",
    'if: ',
    /schema: Context access might be invalid: nobody/,
  ],
  ['value', 'github.ref }', 'matrix.ref }', 'group: ', /schema: Unrecognized named-value: 'matrix'/],
  [
    'needs',
    '  demo:\n',
    '  demo:\n    needs: nobody\n',
    'needs: nobody',
    /schema: Job 'demo' depends on unknown job 'nobody'/,
  ],
  ['input', 'retention-days', 'retention-day', 'retention-day:', /schema: Invalid action input 'retention-day'/],
  ['event', '  pull_request:', '  pull_requests:', 'pull_requests:', /schema: Unexpected value 'pull_requests'/],
  ['shell', 'run: npm run demo', 'run: npm run $DEMO && [ $? == 0 ]', 'run: npm run $DEMO', /shellcheck: SC2086/],
  [
    'block',
    'run: npm run demo',
    'run: |\n          npm run demo\n          rm -rf $HOME/x',
    'rm -rf $HOME/x',
    /shellcheck: SC2086/,
  ],
];

// A process of its own: Node 20 does not load the JSON files of GitHub's libraries without tsx, and vitest leaves them to Node.
it('the checker names file and line of every break of schema, expressions and shell; nothing to check is no success', async () => {
  const dir = tempDir();
  mkdirSync(join(dir, WORKFLOWS), { recursive: true });
  const before = readFileSync(join(ROOT, WORKFLOWS, 'ci.yml'), 'utf8');
  const texts = new Map<string, readonly string[]>();
  for (const [name, from, to] of BREAKS) {
    const text = before.replace(from, () => to);
    expect(text).not.toBe(before);
    writeFileSync(join(dir, WORKFLOWS, `${name}.yml`), text);
    texts.set(name, text.split('\n'));
  }
  const action = readFileSync(join(ROOT, 'action.yml'), 'utf8').replace('steps.build.outputs.pair', 'step.build.pair');
  writeFileSync(join(dir, 'action.yml'), action);
  const [{ code, lines }, empty] = await Promise.all([check(dir), check(tempDir())]);
  expect(empty).toEqual({ code: 2, lines: [expect.stringContaining('no workflows in')] });
  expect(code).toBe(1);
  for (const [name, , , text, message] of BREAKS) {
    const line = (texts.get(name) ?? []).findIndex((one) => one.includes(text)) + 1;
    const found = lines.filter((one) => one.startsWith(`${WORKFLOWS}/${name}.yml:${line}: `));
    expect(found, `${name}: ${lines.filter((one) => one.includes(`/${name}.yml`)).join('\n')}`).toContainEqual(
      expect.stringMatching(message),
    );
  }
  expect(lines).toContainEqual(expect.stringMatching(/^action\.yml:\d+: schema: .*'step'/));
}, 60_000);

async function check(dir: string): Promise<{ code: number; lines: string[] }> {
  const args = ['--import', 'tsx', join(ROOT, 'scripts/check-workflows.ts'), dir];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    return { code: 0, lines: [] };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, lines: stderr.trimEnd().split('\n') };
  }
}

it('a release tag must be v and exactly the version of package.json', () => {
  expect(checkTag('v1.2.3', '1.2.3')).toEqual({ version: '1.2.3', prerelease: false });
  expect(checkTag('v1.2.3-rc.1', '1.2.3-rc.1')).toEqual({ version: '1.2.3-rc.1', prerelease: true });
  for (const [tag, version, words] of [
    ['1.2.3', '1.2.3', /is not v and a semantic version; v1\.2\.3 is wanted/],
    ['v1.2', '1.2.0', /is not v/],
    ['v01.2.3', '1.2.3', /is not v/],
    ['v1.2.3+5', '1.2.3', /is not v/],
    ['vv1.2.3', '1.2.3', /is not v/],
    ['', '1.2.3', /is not v/],
    ['v1.2.4', '1.2.3', /package\.json says 1\.2\.3/],
    ['v1.2', '1.2', /package\.json: version "1\.2" is no semantic version/],
  ] as const)
    expect(checkTag(tag, version)).toEqual({ problem: expect.stringMatching(words) as string });
});
