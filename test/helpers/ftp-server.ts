import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** What the server does with a transfer: all of it, or cut the data connection after so many bytes. */
export interface FtpFile {
  readonly bytes: Buffer;
  readonly cutAfter?: readonly number[];
}

/** A passive-mode FTP server on loopback with one file per path; it notes the commands that it got. */
export interface FtpServer extends AsyncDisposable {
  readonly url: string;
  readonly commands: readonly string[];
}

export async function startFtpServer(files: ReadonlyMap<string, FtpFile>): Promise<FtpServer> {
  const commands: string[] = [];
  const cuts = new Map([...files].map(([path, { cutAfter }]) => [path, [...(cutAfter ?? [])]]));
  const sockets = new Set<Socket>();
  const server = createServer((control) => {
    sockets.add(control);
    serve(control, files, cuts, commands);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ftp://127.0.0.1:${port}`,
    commands,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(
  control: Socket,
  files: ReadonlyMap<string, FtpFile>,
  cuts: ReadonlyMap<string, number[]>,
  commands: string[],
): void {
  let passive: Server | undefined;
  let data: Promise<Socket> | undefined;
  let offset = 0;
  const say = (line: string): void => void control.write(`${line}\r\n`);
  control.on('error', () => undefined);
  control.on('close', () => passive?.close());
  say('220 ready');
  let rest = '';
  control.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) void answer(line);
  });

  async function answer(line: string): Promise<void> {
    commands.push(line);
    const [word = '', ...words] = line.split(' ');
    const argument = words.join(' ');
    const file = files.get(argument);
    switch (word.toUpperCase()) {
      case 'USER': {
        say('331 password');
        return;
      }
      case 'PASS': {
        say('230 in');
        return;
      }
      case 'EPSV': {
        passive = createServer();
        passive.listen(0, '127.0.0.1');
        await once(passive, 'listening');
        data = once(passive, 'connection').then(([socket]: unknown[]) => socket as Socket);
        say(`229 Entering Extended Passive Mode (|||${(passive.address() as AddressInfo).port}|)`);
        return;
      }
      case 'SIZE': {
        say(file === undefined ? '550 no such file' : `213 ${file.bytes.length}`);
        return;
      }
      case 'REST':
        offset = Number(argument);
        {
          say('350 restarting');
          return;
        }
      case 'RETR': {
        const socket = await data;
        if (file === undefined || socket === undefined) {
          say('550 no such file');
          return;
        }
        say('150 here it comes');
        const cut = cuts.get(argument)?.shift();
        const bytes = file.bytes.subarray(offset, cut === undefined ? undefined : offset + cut);
        offset = 0;
        // A client that has enough goes away.
        socket.on('error', () => undefined).end(bytes);
        await once(socket, 'close').catch(() => undefined);
        passive?.close();
        say(cut === undefined ? '226 done' : '426 connection closed; transfer aborted');
        return;
      }
      default: {
        say('200 ok');
        return;
      }
    }
  }
}
