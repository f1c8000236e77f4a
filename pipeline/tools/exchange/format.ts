import { z } from 'zod';
import type { Sha256 } from '../../plan/artifact.ts';
import { canonicalJson } from '../../run/canonical-json.ts';
import { FactoryError } from '../../run/failure.ts';
import type { StepRecord } from '../../run/record.ts';

/** The first member of an archive. Then come `objects/<sha256>` and `records/<key>.json`, both sorted. */
export const INDEX = 'index.json';

/** What an archive may hold; far above what a kernel needs (three packages: some 500 MB, 20 records). */
export const LIMITS = {
  indexBytes: 8 * 1024 ** 2,
  recordBytes: 4 * 1024 ** 2,
  members: 20_000,
  bytes: 64 * 1024 ** 3,
};

/** Version of the format. Another one is refused: archives live as long as one run of a pipeline. */
const SCHEMA = 1;
const BLOCK = 512;

const sha256 = z.custom<Sha256>((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), 'not a sha256');
const size = z.int().nonnegative();
const indexSchema = z.strictObject({
  format: z.literal('fullnat-factory-exchange'),
  schema: z.literal(SCHEMA),
  recipe: z.string().min(1),
  objects: z.array(z.strictObject({ sha256, size })).readonly(),
  records: z.array(z.strictObject({ key: sha256, step: z.string().min(1), sha256, size })).readonly(),
});

/** What is in an archive. Names of members follow from it and are written nowhere else. */
export type ExchangeIndex = z.output<typeof indexSchema>;

/** A member as the index announces it. */
export interface Member {
  readonly name: string;
  readonly size: number;
  readonly sha256: Sha256;
  /** undefined: an object. */
  readonly record: ExchangeIndex['records'][number] | undefined;
}

/** An index as bytes: equal contents give equal bytes. */
export function formatIndex(index: Omit<ExchangeIndex, 'format' | 'schema'>): Buffer {
  return Buffer.from(`${canonicalJson({ format: 'fullnat-factory-exchange', schema: SCHEMA, ...index })}\n`);
}

/** Reads an index that nobody vouches for. Failures: ExchangeInvalid. */
export function parseIndex(file: string, bytes: Buffer): ExchangeIndex {
  const data = jsonIn(file, INDEX, bytes);
  const { schema } = z.looseObject({ schema: z.unknown() }).catch({ schema: undefined }).parse(data);
  if (typeof schema === 'number' && schema !== SCHEMA)
    throw invalid(file, INDEX, `is of version ${schema}; this factory reads version ${SCHEMA}`);
  const parsed = indexSchema.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, INDEX, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an index'}`);
  }
  const index = parsed.data;
  const lists = [index.objects.map((one) => one.sha256), index.records.map(({ key }) => key)];
  if (!lists.every(ascending)) throw invalid(file, INDEX, 'names something twice, or not in order');
  const bytesOf = (all: readonly { readonly size: number }[]) => all.reduce((sum, one) => sum + one.size, 0);
  if (index.objects.length + index.records.length > LIMITS.members)
    throw invalid(file, INDEX, `names more than ${LIMITS.members} files`);
  if (bytesOf(index.objects) > LIMITS.bytes) throw invalid(file, INDEX, `names more than ${LIMITS.bytes} bytes`);
  const large = index.records.find((one) => one.size > LIMITS.recordBytes);
  if (large !== undefined)
    throw invalid(file, INDEX, `the record of ${large.step} has more than ${LIMITS.recordBytes} bytes`);
  return index;
}

/** The members that must follow the index, in this order. */
export function membersOf({ objects, records }: ExchangeIndex): readonly Member[] {
  return [
    ...objects.map((one): Member => ({ ...one, name: objectName(one.sha256), record: undefined })),
    ...records.map((record): Member => ({
      name: recordName(record.key),
      size: record.size,
      sha256: record.sha256,
      record,
    })),
  ];
}

export const objectName = (digest: Sha256): string => `objects/${digest}`;
export const recordName = (key: string): string => `records/${key}.json`;

/** Bytes of an archive with these members: headers, contents in whole blocks, two empty blocks. There is no other form. */
export function archiveSize(indexBytes: number, members: readonly Member[]): number {
  const blocks = [indexBytes, ...members.map((one) => one.size)].map((bytes) => 1 + Math.ceil(bytes / BLOCK));
  return (blocks.reduce((sum, one) => sum + one, 0) + 2) * BLOCK;
}

/** A record without what holds for one machine only: where its engine has an image, and where its log lies. */
function portable(record: StepRecord): StepRecord {
  return { ...record, log: null, outputs: record.outputs.map(({ engineId, ...rest }) => rest) };
}

/** A record as bytes, as it stands in an archive. */
export function formatRecord(record: StepRecord): Buffer {
  return Buffer.from(`${canonicalJson(portable(record))}\n`);
}

/** Parses JSON of an archive. Failures: ExchangeInvalid. */
export function jsonIn(file: string, member: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(file, member, 'is not JSON', error);
  }
}

/** ExchangeInvalid. */
export function invalid(file: string, member: string | null, reason: string, cause?: unknown): FactoryError {
  return new FactoryError({ kind: 'ExchangeInvalid', file, member, reason }, { cause });
}

function ascending(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name);
}
