/** Versions and releases of the packages that this factory is about, and of their neighbours in EL6. */
const REAL = [
  ...['71.el6', '71.29.1.el6', '131.0.15.el6', '131.17.1.el6', '220.el6', '220.2.1.el6', '220.4.2.el6', '220.17.1.el6'],
  ...['220.23.1.el6', '220.23.1.e16', '220.23.1', '220.23.1.el6.ipvs_20bit', '220.23.1.el6.ipvs_22bit'],
  ...[
    '220.23.1.el6.toa',
    '220.23.1.el6.x86_64',
    '220.23.1.el6_2',
    '279.el6',
    '279.22.1.el6',
    '358.el6',
    '431.29.2.el6',
  ],
  ...['754.el6', '754.35.1.el6', '1.2.2', '1.2.7', '1.2.13', '3.el6', '5.el6_6', '5.el6', '1.24', '1.25', '1.26'],
  ...['10.el6', '9.el6', '0.99.15', '0.99.17', '7.el6_3.2', '5.el6_0.2', '2.6.32', '2.6.32.71', '1.fn12.ipvs_20bit'],
];

/** What the algorithm has to think about. */
const ODD = [
  ...['', '0', '00', '1', '01', '001', '10', '1a', 'a1', 'a', 'A', 'b', 'aa', '1.', '1..', '.1', '..', '.', '_', '+'],
  ...[
    '1.0',
    '1_0',
    '1..0',
    '1.00',
    '1.0a',
    '1.0.a',
    '1.a',
    '1.0.0',
    '1.0rc1',
    '1.0.rc1',
    '1+1',
    'é',
    '1é1',
    '1:2',
    '1 2',
  ],
  ...['1.0~rc1', '1.0~', '~', '~~', '1.0~~', '1.0~rc1~git', '1.0^', '1.0^git1', '^', '1.0^~', '1.0~^', '1.0^2.1'],
  ...[
    '9'.repeat(20),
    `1${'0'.repeat(20)}`,
    `${'0'.repeat(300)}1`,
    '8'.repeat(300),
    '18446744073709551616',
    '4294967296',
  ],
];

/** Small pieces that make versions which differ late. */
const PIECES = [
  ...[
    '0',
    '1',
    '9',
    '10',
    '007',
    '20101121',
    '99999999999999999999',
    'a',
    'b',
    'Z',
    'rc',
    'el6',
    'e16',
    'fc12',
    'ipvs',
  ],
  ...['.', '.', '.', '_', '+', '..', '~', '^'],
];

type Pair = readonly [string, string];

/** A small generator of numbers in [0, 1) that always says the same (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every real one with every other, every odd one with every other, and made-up ones that have a beginning in common. */
export function versionPairs(made = 1500): Pair[] {
  const next = generator(6);
  const pick = (): string => PIECES[Math.floor(next() * PIECES.length)] ?? '';
  const some = (most: number): string[] => Array.from({ length: 1 + Math.floor(next() * most) }, pick);
  const madeUp = Array.from({ length: made }, (): Pair => {
    const start = some(4);
    const at = Math.floor(next() * start.length);
    return [[...start, ...some(2)].join(''), [...start.slice(0, at), pick(), ...start.slice(at), ...some(2)].join('')];
  });
  return [...everyPair(REAL), ...everyPair(ODD), ...madeUp];
}

/** Packages with and without epoch and release. */
export function evrPairs(): Pair[] {
  const releases = ['-220.el6', '-220.23.1.el6', '-754.el6', ''];
  const versions = ['2.6.32', '2.6.32.71', '1.0'].flatMap((version) => releases.map((release) => version + release));
  return everyPair(['', '0:', '1:', '10:', '2:'].flatMap((epoch) => versions.map((version) => epoch + version)));
}

function everyPair(all: readonly string[]): Pair[] {
  return all.flatMap((one) => all.map((other): Pair => [one, other]));
}
