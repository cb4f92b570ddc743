import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal } from '../../../src/common/access.js';
import { Authorizer } from '../../../src/common/http/authorizer.js';
import { DirectListener } from '../../../src/common/http/direct/direct-listener.js';
import type { DirectRoute } from '../../../src/common/http/direct/direct-route.js';
import { DirectRoutes } from '../../../src/common/http/direct/direct-routes.js';
import { RequestStatistics } from '../../../src/common/http/request-statistics.js';
import { reportingKey } from '../errors/errors-process.js';

/** Whoever asks may report; `X-Only` names the sources. */
export class LetsIn extends Authorizer {
  authorize({ headers }: IncomingMessage): Promise<Principal> {
    return Promise.resolve(
      reportingKey('44444444-4444-7444-8444-444444444444', headers['x-only']?.toString().split(',')),
    );
  }

  authorizePublicKey(): Promise<Principal> {
    return Promise.reject(new Error('not asked for here'));
  }
}

/** A server that answers these direct routes, and 404 to everything else. */
export class DirectServer {
  private constructor(private readonly server: Server) {}

  static async start(...routes: DirectRoute[]): Promise<DirectServer> {
    const known = new DirectRoutes();
    known.register(...routes);
    const listener = new DirectListener({
      routes: known,
      statistics: new RequestStatistics(),
      securityHeaders: {},
      origins: false,
      trustedProxies: [],
      requireHttps: false,
      maxBytes: 1024 * 1024,
      isLogged: false,
    });
    const server = createServer(listener.before((_, response) => response.writeHead(404).end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new DirectServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
