/** Media type of an in-toto statement in a DSSE envelope. */
export const IN_TOTO = 'application/vnd.in-toto+json';

/** Dead Simple Signing Envelope, the JSON form. Base64 is the standard one. */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** The bytes that are signed: DSSE's pre-authentication encoding of type and body (protocol.md). */
export function preAuthEncoding(payloadType: string, body: Buffer): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${body.length} `), body]);
}

/**
 * The envelope as one line of a .jsonl file. `armored`: a detached OpenPGP signature of `preAuthEncoding(type, body)`;
 * `keyid` is the fingerprint of the key. DSSE leaves the kind of signature to signer and verifier: here it is the binary
 * OpenPGP signature packet, as gpg --verify takes it.
 */
export function envelopeLine(payloadType: string, body: Buffer, fingerprint: string, armored: string): Buffer {
  const envelope: Envelope = {
    payload: body.toString('base64'),
    payloadType,
    signatures: [{ keyid: fingerprint, sig: dearmored(armored).toString('base64') }],
  };
  return Buffer.from(`${JSON.stringify(envelope)}\n`);
}

/** The bytes inside an ASCII-armored OpenPGP signature. Throws a TypeError when it is none. */
export function dearmored(text: string): Buffer {
  const match =
    /^-----BEGIN PGP SIGNATURE-----\r?\n(?:[^\r\n]+: .*\r?\n)*\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n(?:=[A-Za-z0-9+/]{4}\r?\n)?-----END PGP SIGNATURE-----\s*$/.exec(
      text,
    );
  const bytes = Buffer.from(match?.[1] ?? '', 'base64');
  if (bytes.length === 0) throw new TypeError('not an armored OpenPGP signature');
  return bytes;
}

/** An envelope as it was read, with one signature. */
export interface ReadEnvelope {
  readonly payloadType: string;
  readonly body: Buffer;
  readonly keyid: string;
  /** The signature in ASCII armor, as programs take it. */
  readonly armored: string;
}

/**
 * Reads what `envelopeLine` writes; undefined for anything else, also for the same in other bytes (spaces, a second line,
 * base64 with stray bits): every byte of the file means something.
 */
export function parseEnvelope(line: Buffer): ReadEnvelope | undefined {
  const found =
    /^\{"payload":"([^"]*)","payloadType":"([^"\\]*)","signatures":\[\{"keyid":"([0-9A-F]{40})","sig":"([^"]*)"\}\]\}\n$/.exec(
      line.toString('latin1'),
    );
  const [, payload = '', payloadType = '', keyid = '', sig = ''] = found ?? [];
  const [body, signature] = [Buffer.from(payload, 'base64'), Buffer.from(sig, 'base64')];
  const isExact = body.toString('base64') === payload && signature.toString('base64') === sig;
  if (found === null || !isExact) return undefined;
  const armored = `-----BEGIN PGP SIGNATURE-----\n\n${sig.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END PGP SIGNATURE-----\n`;
  return { payloadType, body, keyid, armored };
}
