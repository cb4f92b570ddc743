import { createSocket, type Socket } from 'node:dgram';
import net from 'node:net';
import { type Answer, decode, encode, type Packet, type Question } from 'dns-packet';
import { listen, type Listening } from './listening.js';

/** What a server of a test answers: records, or the number of a refusal. */
export type Zone = (
  question: Question,
  over: 'udp' | 'tcp',
) => Answer[] | number | Buffer | 'silence' | 'truncate';

/** A DNS server on the same port of UDP and TCP. */
export class DnsServer {
  asked: { over: 'udp' | 'tcp'; question: Question; from: number }[] = [];
  zone: Zone = () => [];

  private constructor(
    private readonly udp: Socket,
    private tcp: Listening | undefined,
  ) {}

  static async start(host = '127.0.0.1'): Promise<DnsServer> {
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const server = new DnsServer(udp, undefined);
    const talk = net.createServer((socket) => {
      let received = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
        const reply = server.reply(received.subarray(2), 'tcp', socket.remotePort!);
        if (!reply) return;
        const framed = Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 0xff), reply]);
        // In two parts, as networks may deliver it.
        socket.write(framed.subarray(0, 1), () => socket.write(framed.subarray(1)));
      });
    });
    server.tcp = await listen(talk, host);
    udp.on('message', (message, { port, address }) => {
      const reply = server.reply(message, 'udp', port);
      if (reply) udp.send(reply, port, address);
    });
    await new Promise<void>((resolve) => udp.bind(server.port, host, resolve));
    return server;
  }

  get port(): number {
    return this.tcp!.port;
  }

  get at(): string {
    return `127.0.0.1:${this.port}`;
  }

  untilLeft(): Promise<void> {
    return this.tcp!.untilLeft();
  }

  async close(): Promise<void> {
    this.udp.close();
    await this.tcp!.close();
  }

  private reply(message: Buffer, over: 'udp' | 'tcp', from: number): Buffer | undefined {
    const query = decode(message);
    const question = query.questions![0]!;
    this.asked.push({ over, question, from });
    const found = this.zone(question, over);
    if (found === 'silence') return undefined;
    if (Buffer.isBuffer(found)) return found;
    const [answers, flags] =
      found === 'truncate' ? [[], 0x02_00] : typeof found === 'number' ? [[], found] : [found, 0];
    const packet: Packet = {
      type: 'response',
      id: query.id,
      flags: flags | 0x01_80,
      questions: [question],
      answers,
    };
    return encode(packet);
  }
}
