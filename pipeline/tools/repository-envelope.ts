import { IN_TOTO, parseEnvelope, preAuthEncoding } from '../provenance/dsse.ts';
import { signatureProblem } from './repository-signature.ts';

/**
 * What is wrong with the envelope of a snapshot's provenance; undefined when it holds exactly the statement that lies beside
 * it, signed by a key of the armored `keys`. With `fingerprint` (40 hexadecimal digits) only that key counts.
 */
export function envelopeProblem(
  line: Buffer,
  statement: Buffer,
  keys: string,
  fingerprint: string | undefined,
): string | undefined {
  const envelope = parseEnvelope(line);
  if (envelope === undefined) return 'not a DSSE envelope with one signature';
  if (envelope.payloadType !== IN_TOTO) return `holds ${envelope.payloadType} instead of ${IN_TOTO}`;
  if (!envelope.body.equals(statement)) return 'holds another statement than provenance.json';
  if (fingerprint !== undefined && envelope.keyid !== fingerprint.toUpperCase())
    return `says that ${envelope.keyid} signed it instead of ${fingerprint}`;
  return signatureProblem(envelope.armored, preAuthEncoding(IN_TOTO, envelope.body), keys, envelope.keyid);
}
