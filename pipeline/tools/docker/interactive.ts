import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Container } from 'dockerode';
import type { RunSpec } from '../tools.ts';
import type { Engine } from './connect.ts';
import { withContainer } from './container.ts';
import { Demuxer } from './demux.ts';
import { attach, howItEnded, vanishedOnError } from './execute.ts';
import { expectExit } from './exit.ts';

/** The user's side of an interactive container. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/**
 * The container of a spec with the user's terminal in it; returns the exit code. Without a terminal on both sides it is a
 * plain pipe: standard input in, standard output and error out.
 */
export async function interactive(engine: Engine, spec: RunSpec, io: Terminal): Promise<number> {
  const tty = io.stdin.isTTY && io.stdout.isTTY;
  const note = (line: string): void => void io.stdout.write(`${line}\r\n`);
  const connection = new AbortController();
  return withContainer(engine, spec, { interactive: true, tty, note, signal: connection.signal }, async (container) => {
    const exit = await expectExit(engine.docker, container.id, connection.signal);
    const attached = await attach(container, true);
    const release = tty ? connectTerminal(attached, container, io) : connectPipes(attached, io);
    try {
      await container.start();
      if (tty) await resize(container, io.stdout);
      const ended = finished(attached, { writable: false }).catch(() => undefined);
      await vanishedOnError(exit.code, spec.step);
      await ended;
    } finally {
      release();
      attached.destroy();
    }
    return (await howItEnded(container, spec.step)).code;
  });
}

function connectTerminal(attached: Duplex, container: Container, io: Terminal): () => void {
  const onResize = (): void => void resize(container, io.stdout);
  io.stdout.on('resize', onResize);
  io.stdin.setRawMode(true);
  io.stdin.pipe(attached);
  attached.pipe(io.stdout, { end: false });
  return () => {
    io.stdout.off('resize', onResize);
    io.stdin.setRawMode(false);
    letGo(io.stdin, attached);
  };
}

function connectPipes(attached: Duplex, io: Terminal): () => void {
  const write = (chunk: Buffer): void => void io.stdout.write(chunk);
  const demuxer = new Demuxer(write, write);
  attached.on('data', (chunk: Buffer) => demuxer.push(chunk));
  io.stdin.pipe(attached);
  return () => letGo(io.stdin, attached);
}

/** A paused standard input does not keep the process alive. */
function letGo(stdin: NodeJS.ReadStream, attached: Duplex): void {
  stdin.unpipe(attached);
  stdin.pause();
}

/** Best effort: the container may just have ended, and a lost connection is reported by whoever waits for the exit. */
async function resize(container: Container, { rows, columns }: NodeJS.WriteStream): Promise<void> {
  await container.resize({ h: rows, w: columns }).catch(() => undefined);
}
