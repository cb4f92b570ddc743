import type net from 'node:net';
import { Duplex } from 'node:stream';
import { CheckFailure } from './check-failure.js';
import { PostgresFrames } from './postgres-frames.js';

export const NO_POSTGRES = 'The server does not speak PostgreSQL';

/** More than this is nothing that a check has asked for. */
const MAX_BYTES = 1_024 * 1_024;

/**
 * A connected socket in the form that the pg client takes: it calls `connect` itself and reads messages where they
 * arrive. Whatever it throws there ends the check instead of the process.
 */
export class PostgresStream extends Duplex {
  private readonly frames = new PostgresFrames();
  private received = 0;

  constructor(private readonly socket: net.Socket) {
    super();
    socket.on('data', this.pass);
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.resume();
  }

  connect(): void {
    process.nextTick(() => this.emit('connect'));
  }

  setNoDelay(): void {
    this.socket.setNoDelay();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.off('data', this.pass).destroy();
    done(error);
  }

  private readonly pass = (chunk: Buffer): void => {
    this.received += chunk.length;
    if (this.received > MAX_BYTES) {
      this.destroy(new CheckFailure('The answer is too long'));
      return;
    }
    try {
      const messages = this.frames.add(chunk);
      if (messages.length > 0) this.emit('data', messages);
    } catch {
      // NotPostgres, or what the client throws at a message that it cannot read.
      this.destroy(new CheckFailure(NO_POSTGRES));
    }
  };
}
