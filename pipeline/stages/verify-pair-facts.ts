/** What verify-pair.sh found: by kind, lines of fields. What was asked for and cannot be read has no line. */
export interface PairFacts {
  /** The rest of every line of that kind whose first fields are these, in the order in which they were found. */
  of(kind: FactKind, ...first: readonly string[]): readonly (readonly string[])[];
  /** The last field of the only line of that kind that begins so; undefined when there is none, or several differ. */
  value(kind: FactKind, ...first: readonly string[]): string | undefined;
}

/** Kinds of facts and how many fields each has. dockerfiles/steps/verify-pair.sh says what they are. */
const FIELDS = {
  rpm: 3,
  release: 2,
  modules: 2,
  vermagic: 4,
  signature: 4,
  unread: 2,
  modinfo: 4,
  code: 4,
  bytes: 4,
  config: 3,
  probe: 3,
} as const;
type FactKind = keyof typeof FIELDS;

/** Reads facts.tsv. Throws a TypeError on anything that the script would not write. */
export function parsePairFacts(text: string): PairFacts {
  const facts = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [kind = '', ...fields] = line.split('\t');
      if (!Object.hasOwn(FIELDS, kind) || fields.length !== FIELDS[kind as FactKind])
        throw new TypeError(`not a line of facts: ${JSON.stringify(line)}`);
      return { kind, fields };
    });
  const of: PairFacts['of'] = (kind, ...first) =>
    facts
      .filter((fact) => fact.kind === kind && first.every((field, index) => fact.fields[index] === field))
      .map(({ fields }) => fields.slice(first.length));
  return {
    of,
    value(kind, ...first) {
      const values = new Set(of(kind, ...first).map((fields) => fields.at(-1) ?? ''));
      return values.size === 1 ? [...values][0] : undefined;
    },
  };
}
