import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ask } from './http-ask.ts';

/** A container of an image that `factory image` made, on a free port of the loopback. */
export interface RepositoryContainer extends AsyncDisposable {
  readonly url: string;
  /** The same without the engine's proxy of the loopback, which ends with the container whatever it still has to pass on. */
  readonly directUrl: string;
  /** Runs a command in it; returns its output. */
  exec(...command: string[]): Promise<string>;
  /** Sends SIGTERM and waits for its end; returns its exit code and log. */
  stop(): Promise<{ readonly code: number; readonly log: string }>;
}

/** Starts one as docs/repository-image.md says, with as few rights as it can have, and waits until it answers. */
export async function repositoryContainer(image: string): Promise<RepositoryContainer> {
  const docker = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await promisify(execFile)('docker', args);
    return (stdout + stderr).trim();
  };
  const rights = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
  const id = await docker('run', '--detach', ...rights, '--publish', '127.0.0.1:0:8080', image);
  const url = `http://${(await docker('port', id, '8080/tcp')).split('\n')[0] ?? ''}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (
      await ask(url, '/-/health').then(
        ({ status }) => status === 200,
        () => false,
      )
    )
      break;
    await setTimeout(100);
  }
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
  return {
    url,
    directUrl: `http://${address}:8080`,
    exec: (...command) => docker('exec', id, ...command),
    async stop() {
      await docker('kill', '--signal', 'TERM', id);
      return { code: Number(await docker('wait', id)), log: await docker('logs', id) };
    },
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', id);
    },
  };
}
