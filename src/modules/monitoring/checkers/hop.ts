import type { Attempt, SocketAddress } from './attempt.js';
import type { HopAnswer, HopRequest } from './exchange.js';
import { sendHttp1 } from './http1-hop.js';
import { sendHttp2 } from './http2-hop.js';
import { connectToProxy, openTunnel, proxyHeaders } from './proxy.js';
import { hostOf } from './target-address.js';

/**
 * Sends one request on a socket of its own and reads the answer to its end.
 * No agent is involved: sockets are never kept or shared, which would hide failures of new connections.
 */
export function sendHop(hop: HopRequest, attempt: Attempt): Promise<HopAnswer> {
  if (hop.proxy) return sendThroughProxy(hop, hop.proxy, attempt);
  if (hop.http_version === '2') return connectAndSendHttp2(hop, attempt);
  const address = addressOf(hop);
  const socket = isSecure(hop) ? attempt.openSecure(address, hop.tls) : attempt.open(address);
  return sendHttp1(hop, socket, attempt);
}

async function connectAndSendHttp2(hop: HopRequest, attempt: Attempt): Promise<HopAnswer> {
  const socket = await attempt.connect(addressOf(hop), isSecure(hop) ? hop.tls : undefined);
  return sendHttp2(hop, socket, attempt);
}

/** Plain HTTP is asked of the proxy itself; everything else goes through a tunnel. */
async function sendThroughProxy(hop: HopRequest, proxy: URL, attempt: Attempt): Promise<HopAnswer> {
  const address = addressOf(hop);
  attempt.assertHostAllowed(address.host);
  if (!isSecure(hop) && hop.http_version === '1.1') {
    const { origin, pathname, search } = hop.url;
    const headers = { ...hop.headers, ...proxyHeaders(proxy) };
    return sendHttp1(
      { ...hop, headers },
      await connectToProxy(proxy, attempt),
      attempt,
      origin + pathname + search,
    );
  }
  const tunnel = await openTunnel(proxy, address, attempt);
  const socket = isSecure(hop) ? await attempt.secure(tunnel, hop.tls) : tunnel;
  return hop.http_version === '2' ? sendHttp2(hop, socket, attempt) : sendHttp1(hop, socket, attempt);
}

function isSecure({ url }: HopRequest): boolean {
  return url.protocol === 'https:';
}

function addressOf(hop: HopRequest): SocketAddress {
  return { host: hostOf(hop.url), port: Number(hop.url.port) || (isSecure(hop) ? 443 : 80) };
}
