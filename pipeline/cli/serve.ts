import { once } from 'node:events';
import { createServer } from '../serve/index.ts';
import { EXIT } from '../run/exit-code.ts';
import type { OwnOptions } from './program.ts';
import { artifactPaths } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/** `factory serve`: the repository over HTTP until Ctrl-C; one line per request on standard error. */
export async function serve(
  world: World,
  options: CommonOptions,
  _args: readonly string[],
  own: OwnOptions,
): Promise<number> {
  const artifacts = await artifactPaths(options, world.cwd);
  const server = createServer({
    root: artifacts.repository,
    log: (line) => world.stderr.write(`${line}\n`),
  });
  await server.listen(own.port ?? 8080, own.host ?? '127.0.0.1');
  world.stdout.write(
    `${options.json ? JSON.stringify({ url: server.url }) : `serving ${server.url} (Ctrl-C stops)`}\n`,
  );
  if (!world.signal.aborted) await once(world.signal, 'abort');
  await server.close();
  return EXIT.ok;
}
