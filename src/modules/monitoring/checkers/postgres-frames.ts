/** A server that says something else. */
export class NotPostgres extends Error {}

/** How servers begin: a request for a login, a failure, a notice, or the version of the protocol that they know. */
const BEGINNINGS = 'RENv';
const LENGTH_BYTES = 4;
const HEADER_BYTES = 1 + LENGTH_BYTES;
const NOTHING = Buffer.alloc(0);

/**
 * Cuts what a server sends into messages: a letter, a length, and so many bytes less four
 * (postgresql.org/docs/current/protocol-message-formats.html). The client library trusts servers: a report of an error
 * that has no end would keep it reading for ever, and the whole process with it. Such do not pass.
 */
export class PostgresFrames {
  private chunks: Buffer[] = [];
  /** Bytes in the chunks, and how many there must be for a look to be worth while: each byte may come alone. */
  private held = 0;
  private needed = 1;
  private begun = false;

  /**
   * The messages that are complete with `chunk`.
   * @throws NotPostgres
   */
  add(chunk: Buffer): Buffer {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.needed) return NOTHING;
    const received = Buffer.concat(this.chunks);
    if (!this.begun && !BEGINNINGS.includes(String.fromCharCode(received[0]!))) throw new NotPostgres();
    this.begun = true;
    const end = this.endOfMessages(received);
    this.chunks = [received.subarray(end)];
    this.held = received.length - end;
    return received.subarray(0, end);
  }

  private endOfMessages(received: Buffer): number {
    for (let end = 0; ;) {
      this.needed = HEADER_BYTES;
      if (end + HEADER_BYTES > received.length) return end;
      this.needed = 1 + received.readUInt32BE(end + 1);
      if (this.needed < HEADER_BYTES) throw new NotPostgres();
      const next = end + this.needed;
      if (next > received.length) return end;
      assertWellFormed(received[end]!, received.subarray(end + HEADER_BYTES, next));
      end = next;
    }
  }
}

/** Errors and notices are fields, each a letter and a text that ends with a zero, and a zero at the end. */
function assertWellFormed(letter: number, body: Buffer): void {
  if (letter !== 0x45 && letter !== 0x4e) return;
  let at = 0;
  while (body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    if (end === -1) throw new NotPostgres();
    at = end + 1;
  }
}
