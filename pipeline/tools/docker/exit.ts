import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type Docker from 'dockerode';

/** The one call of dockerode's transport that is used directly; dockerode types it as any. */
interface Transport {
  dial(
    request: {
      path: string;
      method: string;
      isStream: boolean;
      options: Readonly<Record<string, string>>;
      abortSignal: AbortSignal;
      statusCodes: Readonly<Record<number, string | true>>;
    },
    done: (error: Error | null, response: IncomingMessage) => void,
  ): void;
}

/** The exit of a container, awaited since before its start. */
export interface ExpectedExit {
  /** Rejects when the connection breaks first or the engine reports that waiting failed. */
  readonly code: Promise<number>;
}

/**
 * Resolves when the engine has registered us for the container's next exit, so that no exit can be missed however fast it
 * comes. dockerode's own `wait` only answers at the exit, and never when the connection breaks meanwhile.
 */
export async function expectExit(docker: Docker, id: string, signal: AbortSignal): Promise<ExpectedExit> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    (docker.modem as Transport).dial(
      {
        path: `/containers/${id}/wait?`,
        method: 'POST',
        isStream: true,
        options: { condition: 'next-exit' },
        abortSignal: signal,
        statusCodes: { 200: true, 400: 'bad parameter', 404: 'no such container', 500: 'server error' },
      },
      (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      },
    );
  });
  const code = exitCode(response);
  // It may fail while nobody awaits it yet (an upload, an abort); whoever awaits it later still gets the error.
  code.catch(() => undefined);
  return { code };
}

async function exitCode(response: IncomingMessage): Promise<number> {
  const answer = (await json(response)) as { StatusCode: number; Error?: { Message?: string } | null };
  if (answer.Error?.Message !== undefined) throw new Error(answer.Error.Message);
  return answer.StatusCode;
}
