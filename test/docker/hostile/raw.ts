/** What a tar header says, as it says it. */
export interface RawMember {
  readonly name: Buffer | string;
  /** The one character; default: a file. */
  readonly type?: string;
  readonly link?: string;
  readonly data?: Buffer | string;
  /** The 12 bytes of the size, where they are not that of the data. */
  readonly size?: Buffer | string;
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** One member: header and padded contents. Nothing is checked. */
export function member({ name, type = '0', link = '', data = '', size }: RawMember): Buffer {
  const header = Buffer.alloc(512);
  const bytes = Buffer.from(data);
  Buffer.from(name).copy(header, 0, 0, 100);
  header.write(octal(type === '5' ? 0o755 : 0o644, 8), 100, 'latin1');
  header.write(octal(0, 8), 108, 'latin1');
  header.write(octal(0, 8), 116, 'latin1');
  Buffer.from(size ?? octal(bytes.length, 12)).copy(header, 124, 0, 12);
  header.write(octal(0, 12), 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(link, 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, bytes, Buffer.alloc(-bytes.length & 511)]);
}

/** An extended header of the kind (`x`: for the next member, `g`: for all) with these records. */
export function pax(records: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const digits = String(rest.length).length;
    const length = String(rest.length + digits).length > digits ? rest.length + digits + 1 : rest.length + digits;
    return `${length}${rest}`;
  });
  return member({ name: 'pax', type, data: lines.join('') });
}

/** Two blocks of zeros. */
export const END = Buffer.alloc(1024);

/** An archive that holds the folder `top` and these members. */
export function tarOf(...members: readonly (RawMember | Buffer)[]): Buffer {
  const all = [{ name: 'top/', type: '5' }, ...members];
  return Buffer.concat([...all.map((one) => (Buffer.isBuffer(one) ? one : member(one))), END]);
}

/** What a header of cpio's "new ASCII" format says. */
export interface RawCpioMember {
  readonly name: Buffer | string;
  readonly mode?: number;
  readonly data?: string;
  readonly size?: number;
  readonly ino?: number;
  readonly nlink?: number;
}

/** A cpio archive; nothing is checked. */
export function cpioOf(members: readonly RawCpioMember[], trailer = true): Buffer {
  const all = trailer ? [...members, { name: 'TRAILER!!!', mode: 0 }] : members;
  const parts = all.map(({ name, mode = 0o100644, data = '', size, ino = 1, nlink = 1 }) => {
    const path = Buffer.concat([Buffer.from(name), Buffer.alloc(1)]);
    const fields = [ino, mode, 0, 0, nlink, 0, size ?? data.length, 0, 0, 0, 0, path.length, 0];
    const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
    const padded = Buffer.alloc(-(header.length + path.length) & 3);
    return Buffer.concat([header, path, padded, Buffer.from(data), Buffer.alloc(-data.length & 3)]);
  });
  return Buffer.concat(parts);
}

/** An `ar` archive, as a Debian package is one. */
export function debOf(data: Buffer): Buffer {
  const entry = (name: string, bytes: Buffer): Buffer => {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`;
    return Buffer.concat([Buffer.from(header), bytes, Buffer.alloc(bytes.length & 1, '\n')]);
  };
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    entry('debian-binary', Buffer.from('2.0\n')),
    entry('control.tar', Buffer.concat([member({ name: './control', data: 'Package: x\n' }), END])),
    entry('data.tar', data),
  ]);
}
