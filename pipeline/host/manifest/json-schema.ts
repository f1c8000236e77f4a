import { z } from 'zod';
import { manifestSchema } from './schema.ts';

/** Bytes of docs/schemas/install-manifest.schema.json: the same rules for readers in other languages. */
export function manifestJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(manifestSchema), null, 2)}\n`;
}
