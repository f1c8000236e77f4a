import type { TransferHooks } from '../tools.ts';
import { type EngineEvent, errorIn, jsonEvents } from './json-events.ts';

/**
 * Reads what an engine says while it pulls or pushes, and tells the hooks. Returns the last digest that it named. Throws an Error
 * with the engine's words when it failed: it has answered 200 before it knew.
 */
export async function readTransfer(
  answer: AsyncIterable<Buffer | string>,
  hooks: Pick<TransferHooks, 'onLine' | 'onBytes'>,
): Promise<string | undefined> {
  const said = new Set<string>();
  const layers = new LayerBytes();
  let digest: string | undefined;
  for await (const event of jsonEvents(answer)) {
    const failed = errorIn(event);
    if (failed !== undefined) throw new Error(failed);
    if (layers.take(event)) hooks.onBytes?.(layers.done, layers.total);
    digest = event.aux?.Digest ?? digest;
    const line = [event.id, event.status].filter((part) => part !== undefined).join(': ');
    // The same status comes many times a second with another progress bar.
    if (line !== '' && !said.has(line)) hooks.onLine(line);
    said.add(line);
  }
  return digest;
}

const MOVING = new Set(['Pushing', 'Downloading']);
const MOVED = new Set(['Pushed', 'Download complete']);

/** Bytes of all layers that are on their way. An engine tells a size that is not exact while it pushes. */
class LayerBytes {
  readonly #layers = new Map<string, { readonly done: number; readonly total: number }>();

  /** Whether the event changed anything. */
  take({ id, status, progressDetail }: EngineEvent): boolean {
    if (id === undefined || status === undefined) return false;
    const known = this.#layers.get(id);
    if (MOVED.has(status) && known !== undefined) this.#layers.set(id, { ...known, done: known.total });
    else if (MOVING.has(status) && progressDetail?.total !== undefined && progressDetail.total > 0) {
      const { current = 0, total } = progressDetail;
      this.#layers.set(id, { done: Math.min(current, total), total });
    } else return false;
    return true;
  }

  get done(): number {
    return [...this.#layers.values()].reduce((sum, { done }) => sum + done, 0);
  }

  get total(): number {
    return [...this.#layers.values()].reduce((sum, { total }) => sum + total, 0);
  }
}
