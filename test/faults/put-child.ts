import { readdirSync } from 'node:fs';
import { failureOf } from '../../pipeline/run/failure.ts';
import { createStore } from '../../pipeline/store/store.ts';

/** Puts its standard input into the store that its argument names; tells what came out and which files are there then. */
const [root = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
const outcome = await createStore(root).put(process.stdin).catch(failureOf);
const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
process.stdout.write(`${JSON.stringify({ outcome, files: files.map(({ name }) => name) })}\n`);
