import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerLogger, validate, type ValidationConfig } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from './finding.ts';
import type { Pins } from './pins.ts';

/** An informational hint; errors have severity 1 or none, warnings 2. */
const HINT = 3;

/**
 * What GitHub's own language service says about a workflow or action file: schema, expressions (syntax, functions, contexts),
 * `needs`, inputs of actions (as recorded in the pins) and of local workflows below `root`. Its warnings count as errors.
 */
export async function schemaFindings(root: string, file: string, text: string, pins: Pins): Promise<Finding[]> {
  const found: Finding[] = [];
  // What it cannot cope with it only logs, and finds nothing.
  const broken = (message: string): void => void found.push({ file, line: 1, rule: 'schema', message });
  const nothing = (): void => undefined;
  registerLogger({ error: broken, warn: broken, info: nothing, log: nothing });
  const document = TextDocument.create(`file:///${file}`, 'yaml', 1, text);
  for (const { range, severity, message } of await validate(document, config(root, pins)))
    if ((severity ?? 1) < HINT)
      found.push({
        file,
        line: range.start.line + 1,
        rule: 'schema',
        message: typeof message === 'string' ? message : message.value,
      });
  return found;
}

function config(root: string, pins: Pins): ValidationConfig {
  return {
    actionsMetadataProvider: {
      fetchActionMetadata({ owner, name, path }) {
        const action = [owner, name, path].filter((part) => part !== undefined && part !== '').join('/');
        const pin = pins[action];
        if (pin === undefined) return Promise.resolve(undefined);
        return Promise.resolve({
          name: action,
          description: '',
          inputs: Object.fromEntries(
            pin.inputs.map((input) => [input, { description: '', required: pin.required.includes(input) }]),
          ),
          outputs: Object.fromEntries(pin.outputs.map((output) => [output, { description: '' }])),
        });
      },
    },
    fileProvider: {
      getFileContent(reference) {
        const { path } = reference;
        return Promise.resolve({ name: path, content: readFileSync(join(root, path), 'utf8') });
      },
    },
  };
}
