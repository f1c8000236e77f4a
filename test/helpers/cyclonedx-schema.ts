import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';

const DIR = join(import.meta.dirname, '../fixtures/schemas/cyclonedx-1.6');

function schema(name: string): object {
  return JSON.parse(readFileSync(join(DIR, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
}

// These two formats are the only ones there that this version of ajv does not know; any other would be an error. The schema
// has titles beside its $refs.
const ajv = new Ajv({ allErrors: true, unknownFormats: ['idn-email', 'iri-reference'], extendRefs: true });
for (const name of ['spdx', 'jsf-0.82'])
  ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
const validate = ajv.compile(schema('bom-1.6'));

/** What the public JSON schema of CycloneDX 1.6 has against a document, in words; empty when it is valid. */
export function cycloneDxProblems(document: unknown): string[] {
  void validate(document);
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath}: ${message ?? ''}`);
}
