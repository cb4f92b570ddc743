import { UnusableHost } from '../../../common/outgoing/guarded-resolver.js';
import type { SocketAddress } from './attempt.js';
import type { Checker } from './checker.js';

/**
 * Where the address of an endpoint leads; `schemes` are those of its kind. Whatever the scheme, the host is read as
 * HTTP would: names become ASCII (IDNA), IPv6 loses its brackets, `redis://0x7f.1` and `http://0x7f.1` are the same.
 * The port is 0 when there is none.
 * @throws UnusableHost when the host is none
 */
export function addressOf(url: string, schemes: Checker['schemes']): SocketAddress {
  const { protocol, hostname, port } = new URL(url);
  // In schemes that the URL standard does not know, it leaves hosts as they are written.
  const asHttp = `http://${hostname}`;
  if (!URL.canParse(asHttp)) throw new UnusableHost(`${hostname || 'An empty name'} is not a valid host`);
  return { host: hostOf(new URL(asHttp)), port: Number(port) || (schemes[protocol] ?? 0) };
}

/** The host of a URL as sockets take it: IPv6 addresses without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}
