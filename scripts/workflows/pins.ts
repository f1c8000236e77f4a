import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is known of an action of others: the release that is used, and what it takes and gives. */
interface Pin {
  readonly version: string;
  /** The commit of that version's tag in the action's own repository. */
  readonly commit: string;
  readonly inputs: readonly string[];
  readonly required: readonly string[];
  readonly outputs: readonly string[];
}

/** By `owner/name` or `owner/name/path`. */
export type Pins = Readonly<Record<string, Pin>>;

/** The recorded pins. Taken from the tags of the actions' repositories: who raises a version records the new commit here. */
export function readPins(): Pins {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'pins.json'), 'utf8')) as Pins;
}
