import { HOST_SCRIPTS } from '../host/scripts.ts';
import type { FileRef, HostScripts } from './params.ts';
import { scriptNamed } from './steps.ts';

/** References to the parts of published scripts, by name of the script. A part that is not there is a mistake in our own tree. */
export function hostScripts(names: readonly string[], scripts: ReadonlyMap<string, FileRef>): HostScripts {
  return Object.fromEntries(
    names.map((name) => [name, (HOST_SCRIPTS[name] ?? []).map((part) => scriptNamed(part, scripts))]),
  );
}
