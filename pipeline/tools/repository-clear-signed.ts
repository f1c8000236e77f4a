/** A clear-signed text (RFC 4880 section 7), taken apart. */
export interface ClearSigned {
  /** The text, with a line end after every line. */
  readonly text: string;
  /** The bytes that are signed: lines joined by CR LF, without a last line end. */
  readonly signed: Buffer;
  /** The signature in its armor. */
  readonly signature: string;
}

const SHAPE =
  /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash: [0-9A-Z]+\n)+\n(.*\n)(-----BEGIN PGP SIGNATURE-----\n.*\n-----END PGP SIGNATURE-----\n)$/s;

/**
 * Takes a clear-signed file apart; undefined for anything else. Nothing may stand before or after it, and no line of the text
 * may be one that signing changes (blanks at its end, a dash at its beginning): what is read is exactly what was signed.
 */
export function readClearSigned(file: string): ClearSigned | undefined {
  const [, text = '', signature = ''] = SHAPE.exec(file) ?? [];
  const lines = text.slice(0, -1).split('\n');
  if (signature === '' || lines.some((line) => line.startsWith('-') || /\s$/.test(line))) return undefined;
  return { text, signed: Buffer.from(lines.join('\r\n')), signature };
}
