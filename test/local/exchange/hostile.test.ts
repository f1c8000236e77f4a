import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { membersIn, packed, type RawMember } from '../../helpers/tar-members.ts';
import { sha256 } from '../../unit/store/rig.ts';
import { exported, machine, make, withIndex, withRecord, type Index, type Machine } from './rig.ts';

let from: Machine;
let file: string;
let members: RawMember[];
beforeEach(async () => {
  from = machine();
  const record = await make(from, 'rebuild-srpm:a', { 'a.rpm': 'bytes of a', 'b.rpm': 'x'.repeat(2000) });
  file = await exported(from, [record]);
  members = await membersIn(file);
});

/** How a new machine refuses an archive of these members; it must be left as it was. */
async function refusal(bytes: Buffer | readonly RawMember[]): Promise<string> {
  const bad = join(from.dir, 'bad.tar');
  await writeFile(bad, Buffer.isBuffer(bytes) ? bytes : await packed(bytes));
  const to = machine();
  const { member, reason } = await failureOfKind('ExchangeInvalid', to.import([bad]));
  expect(await to.seen()).toEqual([]);
  return `${member ?? 'archive'}: ${reason}`;
}

const evil: RawMember = { name: 'evil', bytes: Buffer.from('evil') };

test('the members as they are, packed again, are taken: what follows is refused for what it does', async () => {
  const again = join(from.dir, 'again.tar');
  await writeFile(again, await packed(members));
  expect(await machine().import([again])).toEqual({ records: 1, objects: 2 });
});

test('a flipped byte anywhere in contents, and half an archive', async () => {
  const good = await readFile(file);
  const flipped = Buffer.from(good);
  flipped[good.indexOf('bytes of a')]! ^= 1;
  expect(await refusal(flipped)).toMatch(/^objects\/[0-9a-f]{64}: its bytes have the sha256 [0-9a-f]{64} instead of/);
  expect(await refusal(good.subarray(0, good.length - 512))).toContain('what its index names makes');
  expect(await refusal(good.subarray(0, 700))).toContain('is no archive of factory export');
  expect(await refusal(Buffer.alloc(0))).toContain('is empty');
  expect(await refusal(Buffer.alloc(10 * 512))).toContain('is empty');
  expect(await refusal(Buffer.from('no archive at all, but a text'.repeat(100)))).toContain('is no archive');
});

test('anything behind its end: garbage, zeros, a second archive', async () => {
  const good = await readFile(file);
  for (const more of [Buffer.from('x'), Buffer.alloc(512), good])
    expect(await refusal(Buffer.concat([good, more]))).toContain(`has ${good.length + more.length} bytes`);
});

test('members that the index does not name, twice, missing, in another order', async () => {
  expect(await refusal([...members, evil])).toContain('what its index names makes');
  // Of the same total size, so that the names decide.
  expect(await refusal([members[0]!, evil, ...members.slice(2)])).toContain('makes');
  const [index, a, b, ...rest] = members as [RawMember, RawMember, RawMember];
  expect(await refusal([index, b, a, ...rest])).toContain(`stands where ${a.name} must be`);
  expect(await refusal([index, a, { ...a, bytes: b.bytes }, ...rest])).toContain(`stands where ${b.name} must be`);
  expect(await refusal([a, index, b, ...rest])).toContain('stands where index.json must be');
  expect(await refusal([index, a, b])).toContain('makes');
});

test.each(['../../../etc/passwd', '/etc/passwd', 'objects/../index.json', './objects/x'])(
  'a member called %s',
  async (name) => {
    const [index, a, ...rest] = members as [RawMember, RawMember];
    expect(await refusal([index, { ...a, name }, ...rest])).toContain(`stands where ${a.name} must be`);
    expect(await refusal([{ ...index, name }, a, ...rest])).toContain('stands where index.json must be');
  },
);

test.each(['symlink', 'link', 'directory'] as const)('a %s in place of an object', async (type) => {
  const [index, ...rest] = members;
  // An empty object, so that sizes are right and only the type is wrong.
  const empty = sha256('');
  const all = withIndex([index!, ...rest], ({ objects }) => {
    objects.push({ sha256: empty, size: 0 });
    objects.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  });
  const link = { name: `objects/${empty}`, bytes: Buffer.alloc(0), type, linkname: '/etc/passwd' };
  const sorted = [...all.slice(1), link].sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(await refusal([all[0]!, ...sorted])).toContain(`is no plain file but of type ${type}`);
});

test('bytes of one object under the name of another', async () => {
  const [index, a, ...rest] = members as [RawMember, RawMember];
  const other = Buffer.alloc(a.bytes.length, 'o');
  expect(await refusal([index, { ...a, bytes: other }, ...rest])).toContain(`instead of ${a.name.slice(8)}`);
});

test.each<[string, (index: Index) => unknown, string]>([
  [
    'of a later version',
    (index) => ({ ...index, schema: 2, more: [] }),
    'is of version 2; this factory reads version 1',
  ],
  ['of something else', (index) => ({ ...index, format: 'other' }), 'format'],
  ['with unknown fields', (index) => ({ ...index, more: 1 }), 'more'],
  ['that is a list', () => [], 'not an index|expected'],
  ['without a recipe', (index) => ({ ...index, recipe: '' }), 'recipe'],
  ['with a path for a digest', (index) => ({ ...index, objects: [{ sha256: '../x', size: 1 }] }), 'not a sha256'],
  ['with a negative size', (index) => void (index.objects[0]!.size = -1), 'size'],
  ['that names an object twice', (index) => void index.objects.push(index.objects[1]!), 'twice'],
  ['that is not sorted', (index) => void index.objects.reverse(), 'not in order'],
  ['that names too much', (index) => void (index.objects[0]!.size = 2 ** 40), 'names more than'],
  [
    'that names too many',
    (index) =>
      void (index.objects = Array.from({ length: 20_000 }, (_, at) => ({
        sha256: at.toString(16).padStart(64, '0'),
        size: 1,
      }))),
    'names more than 20000 files',
  ],
  [
    'with a huge record',
    (index) => void (index.records[0]!.size = 2 ** 30),
    'the record of rebuild-srpm:a has more than',
  ],
  ['with another size', (index) => void (index.objects[0]!.size += 1), 'bytes instead of'],
])('an index %s', async (_, change, words) => {
  expect(await refusal(withIndex(members, change))).toMatch(new RegExp(words));
});

test('an index that is too large to be read, and one that is not JSON', async () => {
  const [, ...rest] = members;
  expect(await refusal([{ name: 'index.json', bytes: Buffer.alloc(9 * 1024 ** 2, ' ') }, ...rest])).toContain(
    'bytes instead of',
  );
  expect(await refusal([{ name: 'index.json', bytes: Buffer.from('{') }, ...rest])).toContain('is not JSON');
});

test.each<[string, (record: StepRecord) => unknown, string]>([
  [
    'whose key is that of other contents',
    (one) => ({ ...one, identity: { ...one.identity, version: 2 } }),
    'its key is',
  ],
  ['under the name of another step', (one) => ({ ...one, step: 'publish' }), 'is a record of publish'],
  ['with the key of another record', (one) => ({ ...one, key: 'a'.repeat(64) }), 'not what the index says'],
  ['of an unknown shape', (one) => ({ ...one, more: 1 }), 'more'],
  ['with an output of no known kind', (one) => ({ ...one, outputs: [{ ...one.outputs[0], kind: 'x' }] }), 'not a kind'],
  [
    'that names an image of an engine',
    (one) => ({ ...one, outputs: one.outputs.map((output) => ({ ...output, engineId: 'sha256:12' })) }),
    'not in the form',
  ],
  ['that names a log', (one) => ({ ...one, log: '../../etc/passwd' }), 'not in the form'],
  ['that leaves an object to nobody', (one) => ({ ...one, outputs: one.outputs.slice(1) }), '(belongs to no|not in)'],
])('a record %s', async (_, change, words) => {
  expect(await refusal(withRecord(members, change))).toMatch(new RegExp(words));
});
