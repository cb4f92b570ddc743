import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a process and PostgreSQL, and misbehaves on command. */
export class DatabaseProxy {
  private readonly sockets = new Set<Socket>();
  private hanging = false;
  private port = 0;
  /** How often a probe has asked. */
  probes = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** @param databaseUrl of the test server, which listens on a Unix socket */
  static async start(databaseUrl: string): Promise<DatabaseProxy> {
    const server = createServer();
    const proxy = new DatabaseProxy(server, new URL(databaseUrl));
    server.on('connection', (client) => proxy.join(client));
    await proxy.restart();
    return proxy;
  }

  /** Connection string that leads through here. */
  get url(): string {
    return `postgresql://${this.target.username}@127.0.0.1:${this.port}${this.target.pathname}`;
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
    const server = connect(`${this.target.searchParams.get('host')}/.s.PGSQL.5432`);
    this.relay(client, server);
    client.on('data', (bytes) => (this.probes += bytes.includes('SELECT 1\0') ? 1 : 0));
    this.relay(server, client);
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
