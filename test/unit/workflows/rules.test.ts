import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../scripts/workflows/document.ts';
import { readPins } from '../../../scripts/workflows/pins.ts';
import { ruleFindings } from '../../../scripts/workflows/rules.ts';

const ROOT = join(import.meta.dirname, '../../..');
const WORKFLOWS = '.github/workflows';
const pins = readPins();
const real = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Breaks a copy of a real file and returns `rule@text of the line` of every finding. */
function broken(file: string, from: string | RegExp, to: string): string[] {
  const before = real(file);
  const text = before.replace(from, to);
  expect(text).not.toBe(before);
  return ruleFindings(readDocument(file, text), pins, () => true).map(
    ({ rule, line, file: named }) => `${named} ${rule}@${(text.split('\n')[line - 1] ?? '').trim()}`,
  );
}

const CI = `${WORKFLOWS}/ci.yml`;
const BUILD = `${WORKFLOWS}/build.yml`;
const RELEASE = `${WORKFLOWS}/release.yml`;
const CHECKOUT = /actions\/checkout@[0-9a-f]{40} # v[\d.]+/;

describe('our rules of workflows', () => {
  it.each(['build.yml', 'ci.yml', 'rebuild.yml', 'release.yml'])('%s keeps them', (name) => {
    const file = `${WORKFLOWS}/${name}`;
    expect(ruleFindings(readDocument(file, real(file)), pins, () => true)).toEqual([]);
  });
  it('action.yml keeps them', () => {
    expect(ruleFindings(readDocument('action.yml', real('action.yml')), pins, () => true)).toEqual([]);
  });

  it.each([
    ['a tag instead of a commit', CI, CHECKOUT, 'actions/checkout@v7', 'pinned@- uses: actions/checkout@v7'],
    ['no version behind it', CI, / # v7\.0\.1/, '', 'pinned@- uses: actions/checkout@'],
    ['another commit', CI, /checkout@3d3c/, 'checkout@3d3d', 'pinned@- uses: actions/checkout@3d3d'],
    ['another version', CI, '# v7.0.1', '# v7.0.2', 'pinned@- uses: actions/checkout@'],
    ['an unknown action', CI, 'actions/upload-artifact@', 'somebody/upload-artifact@', 'pinned@uses: somebody/'],
    ['a token that stays', CI, 'persist-credentials: false', 'fetch-depth: 1', 'checkout@- uses: actions/checkout'],
    ['permissions for all jobs', CI, 'permissions: {}', 'permissions: read-all', 'permissions@permissions: read-all'],
    ['a job without permissions', CI, /^ {4}permissions:\n {6}contents: read\n/m, '', 'permissions@check:'],
    ['no timeout', CI, '    timeout-minutes: 20\n', '', 'timeout@check:'],
    ['a runner that changes', CI, 'ubuntu-24.04', 'ubuntu-latest', 'runner@runs-on: ubuntu-latest'],
    ['no concurrency group', CI, /^concurrency:\n(?: .*\n)+/m, '', 'concurrency@'],
    ['another shell', CI, '    shell: bash', '    shell: sh', 'shell@- run: scripts/setup.sh --dev'],
    [
      'an expression in run',
      CI,
      'npm run check',
      'npm run check -- ${{ github.head_ref }}',
      'run-expression@- run: npm',
    ],
    [
      'an expression further down in run',
      RELEASE,
      'cd assets\n          sha256sum',
      'cd assets\n          echo ${{ github.event.head_commit.message }}\n          sha256sum',
      'run-expression@echo ${{ github.event',
    ],
    [
      'a secret elsewhere',
      CI,
      'run: npm run demo',
      'run: npm run demo\n        env:\n          K: ${{ secrets.KEY }}',
      'secrets@K: ${{',
    ],
    ['a secret in a condition', CI, 'if: ${{ !cancelled() }}', "if: secrets.KEY != ''", 'secrets@if: secrets.KEY'],
    [
      'all secrets',
      CI,
      'run: npm run demo',
      'run: npm run demo\n        env:\n          K: ${{ toJSON(secrets) }}',
      'secrets@K: ${{ toJSON',
    ],
    [
      'secrets for any workflow',
      RELEASE,
      'uses: ./.github/workflows/build.yml',
      'uses: ./.github/workflows/other.yml',
      'secrets@FACTORY_SIGNING_KEY:',
    ],
    ['inherited secrets', RELEASE, /secrets:\n {6}.*\n {6}.*\n/, 'secrets: inherit\n', 'secrets@secrets: inherit'],
    ['strangers with our token', CI, '  pull_request:', '  pull_request_target:', 'trigger@pull_request_target:'],
    [
      'a registry that another job may write to',
      RELEASE,
      '      contents: write',
      '      contents: write\n      packages: write',
      'packages@permissions:',
    ],
    ['a registry that builds may write to', BUILD, 'packages: read', 'packages: write', 'packages@permissions:'],
    [
      'everything for a job',
      RELEASE,
      /permissions:\n {6}contents: write/,
      'permissions: write-all',
      'packages@permissions: write-all',
    ],
    ['a writing job for forks', CI, 'contents: read', 'contents: write', 'forks@check:'],
  ])('%s', (_, file, from, to, finding) => {
    const found = broken(file, from, to);
    expect(found.filter((one) => one.startsWith(`${file} ${finding}`))).not.toEqual([]);
  });

  it('a writing job may be in a workflow for pull requests when it refuses them, and only then', () => {
    const writes = (condition: string): string[] =>
      broken(CI, /check:\n((?: {4}.*\n)+? {6}contents: )read/, `check:\n    if: \${{ ${condition} }}\n$1write`);
    expect(writes("github.event_name != 'pull_request' && github.ref_protected")).toEqual([]);
    expect(writes("github.event_name != 'pull_request' || github.ref_protected")).toEqual([`${CI} forks@check:`]);
    expect(writes("github.event_name == 'pull_request'")).toEqual([`${CI} forks@check:`]);
    expect(writes("github.event_name != 'pull_request' && github.ref_protected || true")).toEqual([
      `${CI} forks@check:`,
    ]);
  });

  it('a local action or workflow that is not there', () => {
    const found = ruleFindings(readDocument(RELEASE, real(RELEASE)), pins, () => false);
    expect(found.map(({ rule }) => rule)).toEqual(['pinned']);
  });
});
