/** A server that says something else. */
export class NotPostgres extends Error {}

/** How servers begin: a request for a login, a failure, a notice, or the version of the protocol that they know. */
const BEGINNINGS = 'RENv';
const LENGTH_BYTES = 4;
const HEADER_BYTES = 1 + LENGTH_BYTES;

/**
 * Cuts what a server sends into messages: a letter, a length, and so many bytes less four
 * (postgresql.org/docs/current/protocol-message-formats.html). The client library trusts servers: a report of an error
 * that has no end would keep it reading for ever, and the whole process with it. Such do not pass.
 */
export class PostgresFrames {
  private rest: Buffer = Buffer.alloc(0);
  private begun = false;

  /**
   * The messages that are complete with `chunk`.
   * @throws NotPostgres
   */
  add(chunk: Buffer): Buffer {
    const received = Buffer.concat([this.rest, chunk]);
    if (!this.begun && !BEGINNINGS.includes(String.fromCharCode(received[0]!))) throw new NotPostgres();
    this.begun = true;
    let end = 0;
    while (end + HEADER_BYTES <= received.length) {
      const next = end + 1 + received.readUInt32BE(end + 1);
      if (next < end + HEADER_BYTES) throw new NotPostgres();
      if (next > received.length) break;
      assertWellFormed(received[end]!, received.subarray(end + HEADER_BYTES, next));
      end = next;
    }
    this.rest = received.subarray(end);
    return received.subarray(0, end);
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
