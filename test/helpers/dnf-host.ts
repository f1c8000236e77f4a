import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A container that installs from a served repository as a host does: over HTTP, with both signature checks on. */
export interface DnfHost extends AsyncDisposable {
  /** Runs a shell script in it; never rejects for an exit code. */
  run(script: string): Promise<{ readonly code: number; readonly output: string }>;
}

/** Starts one from a target image. `repoFile`: URL of the .repo file; its server has to be on the loopback. */
export async function dnfHost(image: string, repoFile: string): Promise<DnfHost> {
  const docker = async (...args: string[]): Promise<string> => (await promisify(execFile)('docker', args)).stdout;
  const options = ['--rm', '--detach', '--init', '--network', 'host', '--user', '0'];
  const id = (await docker('run', ...options, image, 'sleep', '3600')).trim();
  const host: DnfHost = {
    async run(script) {
      try {
        return { code: 0, output: await docker('exec', '--user', '0', id, '/bin/bash', '-c', `exec 2>&1; ${script}`) };
      } catch (error) {
        const { code, stdout } = error as { code?: unknown; stdout?: string };
        if (typeof code !== 'number') throw error;
        return { code, output: stdout ?? '' };
      }
    },
    async [Symbol.asyncDispose]() {
      await docker('rm', '--force', id);
    },
  };
  const fetched = `import urllib.request as u; print(u.urlopen('${repoFile}').read().decode())`;
  const { code, output } = await host.run(
    `mkdir -p /etc/yum.repos.d && python3 -c "${fetched}" >/etc/yum.repos.d/factory.repo`,
  );
  if (code !== 0) throw new Error(output);
  return host;
}
