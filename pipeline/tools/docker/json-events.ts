import { StringDecoder } from 'node:string_decoder';

/** One line of what the engine streams while it builds, pulls or imports. */
export interface EngineEvent {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly aux?: { readonly ID?: string; readonly Digest?: string };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Reads JSON values, one per line. Ends with the stream's error when the stream has one. */
export async function* jsonEvents(stream: AsyncIterable<Buffer | string>): AsyncGenerator<EngineEvent> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as EngineEvent;
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as EngineEvent;
}

/** The engine answers 200 before it knows how things end, so a failure is only in its events. */
export function errorIn(event: EngineEvent): string | undefined {
  return event.errorDetail?.message ?? event.error;
}
