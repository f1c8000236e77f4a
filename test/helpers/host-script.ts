import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundleScript, HOST_SCRIPTS } from '../../pipeline/host/scripts.ts';

const DIR = resolve(import.meta.dirname, '../../pipeline/host');

/** A script for hosts as it is published, put together from its parts: `install.sh`. */
export function hostScript(name: string): string {
  const parts = HOST_SCRIPTS[name];
  if (parts === undefined) throw new Error(`there is no ${name}`);
  return bundleScript(parts.map((part) => readFileSync(resolve(DIR, part), 'utf8')));
}
