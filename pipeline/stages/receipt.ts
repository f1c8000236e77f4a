import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';

/** A file as it arrived from a container: hashed by us while it was received. */
export interface Received {
  readonly digest: Sha256;
  readonly size: number;
}

/**
 * Compares what arrived with the receipt that the step wrote inside the container (dockerfiles/steps/entry.sh): lines
 * `sha256  size  path`, sorted, then `end <count>`. Throws ReceiptMismatch when a file is missing, extra or different, or
 * when the receipt is cut short.
 */
export function checkReceipt(step: string, receipt: string | undefined, received: ReadonlyMap<string, Received>): void {
  const fail = (detail: string): never => {
    throw new FactoryError({ kind: 'ReceiptMismatch', step, detail });
  };
  if (receipt === undefined) return fail('the step wrote no receipt');
  const lines = receipt.split('\n').filter((line) => line !== '');
  const end = lines.pop() ?? '';
  if (end !== `end ${lines.length}`)
    fail(`the receipt is cut short: ${lines.length} files, then ${JSON.stringify(end)}`);
  const named = new Set<string>();
  for (const line of lines) {
    const match = /^([0-9a-f]{64}) {2}(\d+) {2}(.+)$/.exec(line);
    if (match === null) return fail(`not a receipt line: ${JSON.stringify(line)}`);
    const [, digest = '', size = '', path = ''] = match;
    const got = received.get(path);
    if (got === undefined) return fail(`${path} is in the receipt but did not arrive`);
    if (got.digest !== digest || got.size !== Number(size))
      fail(`${path}: the receipt says ${digest} (${size} bytes), ${got.digest} (${got.size} bytes) arrived`);
    named.add(path);
  }
  for (const path of received.keys()) if (!named.has(path)) fail(`${path} arrived but is not in the receipt`);
}
