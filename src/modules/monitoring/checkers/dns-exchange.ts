import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import net, { isIPv6 } from 'node:net';
import { type DecodedPacket, decode, encode } from 'dns-packet';
import type { Attempt, SocketAddress } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { RecordType } from './dns-records.js';

/** As large a datagram as crosses the Internet unbroken (DNS Flag Day 2020). */
const UDP_PAYLOAD_BYTES = 1_232;
/** A lost datagram says nothing: the question is put this often, and the first answer counts. */
const MAX_TRIES = 3;

export interface DnsQuestion {
  name: string;
  type: RecordType;
}

/** Where and how to ask. */
export interface DnsRoute {
  /** By address: names of resolvers are looked up before. */
  resolvers: readonly SocketAddress[];
  protocol: 'udp' | 'tcp';
  /** How long to wait for the answer to one try before the next, in milliseconds. */
  patience_ms: number;
}

/** Puts a question until somebody answers it. Answers that do not fit into a datagram are fetched over TCP. */
export async function askDns(
  question: DnsQuestion,
  { resolvers, protocol, patience_ms }: DnsRoute,
  attempt: Attempt,
): Promise<DecodedPacket> {
  const exchange = new DnsExchange(question, attempt);
  try {
    if (protocol === 'tcp') {
      const tries = resolvers.slice(0, MAX_TRIES).map((resolver) => () => exchange.overTcp(resolver));
      return await exchange.first(tries, patience_ms);
    }
    const tries = Array.from({ length: MAX_TRIES }, (_, index) => async () => {
      const resolver = resolvers[index % resolvers.length]!;
      const answer = await exchange.overUdp(resolver);
      return answer.flag_tc ? exchange.overTcp(resolver) : answer;
    });
    return await exchange.first(tries, patience_ms);
  } finally {
    exchange.close();
  }
}

/**
 * The sockets of one question. They are not those of the attempt: it has none for datagrams, and the system’s own
 * resolvers, which often are at private addresses, are no business of the address guard.
 */
class DnsExchange {
  private readonly closers: (() => void)[] = [];
  private isClosed = false;

  constructor(
    private readonly question: DnsQuestion,
    private readonly attempt: Attempt,
  ) {}

  /** Closes what is open, and what may still be opened: a socket that goes makes its try fail, and another begin. */
  close(): void {
    this.isClosed = true;
    for (const close of this.closers) close();
  }

  private whenClosed(close: () => void): void {
    if (this.isClosed) close();
    else this.closers.push(close);
  }

  /** The first that succeeds. One follows another when that has failed or takes long; all fail as the first did. */
  first<T>(tries: readonly (() => Promise<T>)[], patienceMs: number): Promise<T> {
    return this.attempt.wait((resolve, reject) => {
      const failures: unknown[] = [];
      let begun = 0;
      let timer: NodeJS.Timeout | undefined;
      const next = (): void => {
        clearTimeout(timer);
        const ask = tries[begun++];
        if (!ask || this.isClosed) return;
        timer = setTimeout(next, patienceMs);
        ask().then(resolve, (error: unknown) => {
          failures.push(error);
          if (failures.length === tries.length) reject(failures[0]);
          else next();
        });
      };
      this.whenClosed(() => clearTimeout(timer));
      next();
    });
  }

  overUdp({ host, port }: SocketAddress): Promise<DecodedPacket> {
    const id = randomInt(0x1_0000);
    this.attempt.clock.stage = 'waiting for the answer';
    return new Promise((resolve, reject) => {
      const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
      this.whenClosed(() => socket.close());
      socket.on('error', reject);
      socket.on('message', (message) => {
        const answer = this.read(message, id);
        if (!answer) return;
        this.attempt.clock.mark('first_byte', 'reading the answer');
        resolve(answer);
      });
      // Connected, it takes datagrams of nobody else, and hears that nobody listens there.
      const onConnect = (error?: Error): void => {
        if (error) reject(error);
        else socket.send(this.packet(id));
      };
      socket.connect(port, host, onConnect);
    });
  }

  /** A message over TCP follows its length in two bytes (RFC 1035 §4.2.2). */
  overTcp({ host, port }: SocketAddress): Promise<DecodedPacket> {
    const id = randomInt(0x1_0000);
    const { clock } = this.attempt;
    clock.begin('connecting');
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port });
      this.whenClosed(() => socket.destroy());
      let received = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('socket hang up')));
      socket.on('connect', () => {
        clock.mark('connect', 'waiting for the answer');
        const packet = this.packet(id);
        socket.write(Buffer.concat([Buffer.of(packet.length >> 8, packet.length & 0xff), packet]));
      });
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
        const answer = this.read(received.subarray(2, 2 + received.readUInt16BE(0)), id);
        if (!answer) return reject(new CheckFailure('The answer is not a DNS message'));
        clock.mark('first_byte', 'reading the answer');
        resolve(answer);
      });
    });
  }

  private packet(id: number): Buffer {
    return encode({
      id,
      type: 'query',
      flags: 0x01_00, // Recursion desired.
      questions: [{ ...this.question, class: 'IN' }],
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: UDP_PAYLOAD_BYTES,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    });
  }

  /** Nothing when it is no answer to our question: whoever sent it could not have known. */
  private read(message: Buffer, id: number): DecodedPacket | undefined {
    let packet: DecodedPacket;
    try {
      packet = decode(message);
    } catch {
      return undefined;
    }
    const isOurs = (packet.questions ?? []).every(
      ({ name, type }) =>
        type === this.question.type && name.toLowerCase() === this.question.name.replace(/\.$/, ''),
    );
    return packet.type === 'response' && packet.id === id && isOurs ? packet : undefined;
  }
}
