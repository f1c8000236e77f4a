import type { Reporter, TimedEvent } from '../run/events.ts';
import type { Output } from './terminal/screen.ts';

/** The first line of every stream of events. Bump `schema` when a reader of the old one would go wrong. */
export const EVENTS_HEADER = `${JSON.stringify({ type: 'schema', schema: 1, of: 'fullnat-factory events' })}\n`;

/** One event as a line of JSON. */
export function eventJson(event: TimedEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** `--json`: the schema line at once, then every event, log lines too, one line of JSON each. */
export function createJsonl(stream: Output): Reporter {
  stream.write(EVENTS_HEADER);
  return { on: (event) => void stream.write(eventJson(event)) };
}
