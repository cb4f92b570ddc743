import {
  connect,
  createServer,
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/** Stands between a process and a server, and misbehaves on command. */
export class FaultyProxy {
  private readonly sockets = new Set<Socket>();
  private hanging = false;
  /** How often a probe has asked PostgreSQL. */
  probes = 0;
  port = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: NetConnectOpts,
  ) {}

  static async before(target: NetConnectOpts): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server, target);
    server.on('connection', (client) => proxy.join(client));
    await proxy.restart();
    return proxy;
  }

  /** Before the test server, which listens on a Unix socket. */
  static beforeDatabase(databaseUrl: string): Promise<FaultyProxy> {
    return FaultyProxy.before({ path: `${new URL(databaseUrl).searchParams.get('host')}/.s.PGSQL.5432` });
  }

  /** Accepts and keeps connections, but passes nothing on: as a frozen server, or a network that drops packets. */
  hang(): void {
    this.hanging = true;
    for (const socket of this.sockets) socket.pause();
  }

  resume(): void {
    this.hanging = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Cuts every connection and refuses new ones, as a server that has stopped. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Listens again where it did before. */
  async restart(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  private join(client: Socket): void {
    const server = connect(this.target);
    this.relay(client, server);
    this.relay(server, client);
    client.on('data', (bytes) => (this.probes += bytes.includes('SELECT 1\0') ? 1 : 0));
    if (this.hanging) for (const socket of [client, server]) socket.pause();
  }

  private relay(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (bytes) => to.write(bytes));
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
