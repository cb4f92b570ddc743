import type net from 'node:net';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';

const MAX_BUFFERED = 64 * 1024;

/** Reads a socket line by line, for protocols of lines. */
export class LineReader {
  private buffer = '';
  private ended: Error | undefined;
  private wake: (() => void) | undefined;
  private begun = false;

  constructor(
    private readonly socket: net.Socket,
    private readonly attempt: Attempt,
  ) {
    socket.on('data', this.onData);
    socket.on('error', this.onEnd);
    socket.on('close', this.onClose);
  }

  /**
   * The next line, without its end.
   * @throws what ended the connection, or CheckFailure when what comes has no lines
   */
  async next(): Promise<string> {
    for (;;) {
      const end = this.buffer.indexOf('\n');
      if (end >= 0) {
        const line = this.buffer.slice(0, end).replace(/\r$/, '');
        this.buffer = this.buffer.slice(end + 1);
        return line;
      }
      if (this.buffer.length > MAX_BUFFERED) throw new CheckFailure('The answer has a line without end');
      if (this.ended) throw this.ended;
      this.socket.resume();
      await this.attempt.wait<void>((resolve) => (this.wake = resolve));
    }
  }

  /**
   * Lets go of the socket, for TLS to take over.
   * @throws CheckFailure when more has come in the clear: it would pass for something said under TLS
   */
  release(): void {
    this.socket.off('data', this.onData).off('error', this.onEnd).off('close', this.onClose);
    this.socket.pause();
    if (this.buffer !== '')
      throw new CheckFailure('The server went on without TLS after it had agreed to it');
  }

  private readonly onData = (chunk: Buffer): void => {
    if (!this.begun && this.attempt.clock.phases.first_byte === null) {
      this.attempt.clock.mark('first_byte', 'reading the answer');
    }
    this.begun = true;
    this.buffer += chunk.toString('latin1');
    if (this.buffer.length > MAX_BUFFERED) this.socket.pause();
    this.wake?.();
  };

  private readonly onEnd = (error: Error): void => {
    this.ended ??= error;
    this.wake?.();
  };

  private readonly onClose = (): void => {
    this.onEnd(new Error(this.begun ? 'aborted' : 'socket hang up'));
  };
}
