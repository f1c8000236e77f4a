import { expect, test } from 'vitest';
import { withoutBuilt } from '../../../pipeline/cli/refetch.ts';
import { provenanceOf } from '../../../pipeline/provenance/slsa.ts';
import { hasSameKeys, parseDifferences, sideBySide, toldPackages } from '../../../pipeline/provenance/rebuilt.ts';
import { isExcused, rebuiltText } from '../../../pipeline/report/rebuilt.ts';
import type { Ledger } from '../../../pipeline/run/ledger.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import { accountOf, sha256 } from './rig.ts';

const { account } = await accountOf('hello');
const statement = provenanceOf(account);
const told = toldPackages(statement);
const built = account.history
  .map(({ record }) => record)
  .filter(({ step }) => /^(assemble|rebuild)-srpm:hello-backend$/.test(step));

function changed(record: StepRecord): StepRecord {
  return { ...record, outputs: record.outputs.map((output) => ({ ...output, digest: sha256('changed') })) };
}

test('what a provenance tells: every package with both digests', () => {
  expect(told).toHaveLength(4);
  for (const { signed, unsigned } of told) expect(signed).not.toBe(unsigned);
  const { runDetails } = statement.predicate;
  const without = {
    ...statement,
    predicate: { ...statement.predicate, runDetails: { ...runDetails, byproducts: [] } },
  };
  expect(() => toldPackages(without)).toThrow('no digest of RPMS/');
});

test('side by side: equal, changed, on one side only', () => {
  const own = told.filter((one) => one.package === 'hello-backend');
  expect(sideBySide(own, built).every(({ published, rebuilt }) => published === rebuilt)).toBe(true);
  const [first, ...rest] = built;
  const files = sideBySide(own, [changed(first!), ...rest]);
  expect(files.filter(({ published, rebuilt }) => published !== rebuilt).map(({ path }) => path)).toEqual([
    'SRPMS/hello-backend-1-1.src.rpm',
  ]);
  expect(sideBySide(own, []).map(({ rebuilt }) => rebuilt)).toEqual([null, null]);
  expect(sideBySide([], built).map(({ published }) => published)).toEqual([null, null]);
});

test('the same keys, or made with something else', () => {
  expect(hasSameKeys(statement, built)).toBe(true);
  const [first, ...rest] = built;
  expect(hasSameKeys(statement, [{ ...first!, key: sha256('other') }, ...rest])).toBe(false);
});

test('differences: the lines of the script, and nothing else', () => {
  expect(parseDifferences('a.rpm\tmode\t/x\t0100644\t0100755\na.rpm\tpayload\tother archives\t\t\n')).toEqual([
    { rpm: 'a.rpm', kind: 'mode', what: '/x', published: '0100644', rebuilt: '0100755' },
    { rpm: 'a.rpm', kind: 'payload', what: 'other archives', published: '', rebuilt: '' },
  ]);
  expect(() => parseDifferences('a.rpm\tmode\n')).toThrow('not a line of differences');
});

test('for people', () => {
  const files = [
    { path: 'RPMS/a.rpm', published: '1'.repeat(64), rebuilt: '2'.repeat(64) },
    { path: 'SRPMS/a.src.rpm', published: '3', rebuilt: '3' },
  ];
  const many = Array.from({ length: 41 }, (_, at) => ({
    rpm: 'a.rpm',
    kind: 'mtime',
    what: `/f${at}`,
    published: '1',
    rebuilt: '2',
  }));
  const text = rebuiltText('id', 'provenance', [{ name: 'a', sameInputs: true, files, differences: many }]);
  expect(text).toContain(
    'a: 1 of 2 packages equal\n  RPMS/a.rpm: 222222222222 instead of 111111111111\n    mtime     /f0: 1 -> 2\n',
  );
  expect(text).toContain(
    '    and 1 more (--json tells all)\nsnapshot id, built again from its provenance: 1 package of 2 differ\n',
  );
  const good = rebuiltText('id', 'checkout', [{ name: 'a', sameInputs: true, files: [files[1]!], differences: [] }]);
  expect(good).toBe(
    'a: 1 of 1 package equal\nsnapshot id, built again from this checkout: 1 package, every digest as built\n',
  );
});

test('times that rpm 4.8 takes from the clock, and signatures with a new key, are told but not held against a package', () => {
  const file = { path: 'RPMS/a.rpm', published: '1'.repeat(64), rebuilt: '2'.repeat(64) };
  const of = (...kinds: string[]) => ({
    name: 'a',
    sameInputs: true,
    files: [file],
    differences: kinds.map((kind) => ({ rpm: 'a.rpm', kind, what: 'x', published: '1', rebuilt: '2' })),
  });
  expect(isExcused(of('clock', 'signature'), file)).toBe(true);
  expect(isExcused(of('clock', 'content'), file)).toBe(false);
  expect(isExcused(of(), file)).toBe(false);
  expect(rebuiltText('id', 'provenance', [of('clock')])).toContain(
    '    clock     x: 1 -> 2\nsnapshot id, built again from its provenance: 1 package, every one as built, 1 of them but for',
  );
  expect(rebuiltText('id', 'provenance', [of('clock', 'content')])).toContain(': 1 package of 1 differ\n');
});

test('a ledger that forgot some packages, and learns nothing of them', async () => {
  const puts: string[] = [];
  const all = account.history.map(({ record }) => record);
  const ledger: Ledger = {
    get: (key) => Promise.resolve(all.find((record) => record.key === key)),
    latest: () => Promise.resolve(undefined),
    used: () => Promise.resolve(),
    put: (record) => Promise.resolve(void puts.push(record.step)),
  };
  const view = withoutBuilt(ledger, new Set(['hello-backend']));
  const known = await Promise.all(all.map(async ({ key }) => (await view.get(key))?.step));
  const forgotten = all.filter((_, at) => known[at] === undefined).map(({ step }) => step);
  expect(forgotten).toEqual(['assemble-srpm:hello-backend', 'rebuild-srpm:hello-backend']);
  for (const record of all) await view.put(record);
  expect(puts).toEqual(all.map(({ step }) => step).filter((step) => !forgotten.includes(step)));
});
