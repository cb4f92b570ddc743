/** An error that a Redis server answers with: its first word says which. */
export class RedisError extends Error {}

/** A reply of the Redis protocol, version 2 (RESP2, redis.io/docs/reference/protocol-spec). */
export type Reply = string | number | null | RedisError | Reply[];

/** A server that says something else. */
export class NotRedis extends Error {}

const CARRIAGE_RETURN = 0x0d;
const MAX_DEPTH = 8;
/** Of one line or array: more is nothing that we have asked for. */
const MAX_LENGTH = 16_384;

/** A command as it goes over the wire. */
export function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/**
 * The replies that are complete in what has been received so far.
 * @throws NotRedis
 */
export function readReplies(received: Buffer): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < received.length;) {
    const found = readReply(received, at, 0);
    if (!found) break;
    replies.push(found.reply);
    at = found.next;
  }
  return replies;
}

interface Found {
  reply: Reply;
  next: number;
}

function readReply(received: Buffer, at: number, depth: number): Found | undefined {
  const type = String.fromCharCode(received[at]!);
  if (!'+-:$*'.includes(type) || depth > MAX_DEPTH) throw new NotRedis();
  const end = received.indexOf(CARRIAGE_RETURN, at);
  if (end === -1 || end + 1 >= received.length) {
    if (received.length - at > MAX_LENGTH) throw new NotRedis();
    return undefined;
  }
  const line = received.toString('utf8', at + 1, end);
  const next = end + 2;
  switch (type) {
    case '+':
      return { reply: line, next };
    case '-':
      return { reply: new RedisError(line), next };
    case ':':
      return { reply: readNumber(line), next };
    case '$':
      return readBulk(received, readNumber(line), next);
    default:
      return readArray(received, readNumber(line), next, depth);
  }
}

function readBulk(received: Buffer, length: number, at: number): Found | undefined {
  if (length === -1) return { reply: null, next: at };
  if (length < 0 || length > MAX_LENGTH) throw new NotRedis();
  const next = at + length + 2;
  return next > received.length ? undefined : { reply: received.toString('utf8', at, at + length), next };
}

function readArray(received: Buffer, length: number, at: number, depth: number): Found | undefined {
  if (length === -1) return { reply: null, next: at };
  if (length < 0 || length > MAX_LENGTH) throw new NotRedis();
  const items: Reply[] = [];
  let next = at;
  while (items.length < length) {
    const found = next < received.length ? readReply(received, next, depth + 1) : undefined;
    if (!found) return undefined;
    items.push(found.reply);
    next = found.next;
  }
  return { reply: items, next };
}

function readNumber(line: string): number {
  if (!/^-?\d{1,19}$/.test(line)) throw new NotRedis();
  return Number(line);
}
