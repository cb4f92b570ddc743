import net, { isIP } from 'node:net';
import tls from 'node:tls';
import type { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';
import { type CertificateFacts, certificateFacts } from './certificate-facts.js';
import { PhaseClock, type Stage } from './phase-clock.js';

/** Shared for its trusted roots only. No session is ever resumed: each check makes a full handshake. */
const SECURE_CONTEXT = tls.createSecureContext();

/**
 * How long one address of a name may take to accept a connection before the next is tried instead, at most; a fourth of
 * the timeout when that is less. Node gives up the first address for good after 250 ms, which is less than it takes to
 * reach the other side of the world.
 */
const ADDRESS_PATIENCE_MS = 1_000;

/** What a TLS handshake needs to know. */
export interface TlsSettings {
  /** The name that is asked for and that the certificate must be for; by default the host. */
  servername?: string;
  /** Whether the certificate must be valid. */
  verify: boolean;
  /** Protocols to offer (ALPN), the best first. */
  protocols?: string[];
  /** Whom to believe and what to show; by default the system’s roots, and nothing. */
  context?: tls.SecureContext;
}

/** Where a socket leads. */
export interface SocketAddress {
  /** A name, or an address without brackets. */
  host: string;
  port: number;
}

/**
 * One go at asking an endpoint: its clock, its sockets, and what must be stopped when time is up. Every socket of a
 * check comes from here, so that each is fresh, resolved anew, and past the address guard.
 */
export class Attempt {
  readonly clock = new PhaseClock();
  /** Whom it talks to now, for messages. */
  host = 'the host';
  certificate: CertificateFacts | null = null;
  private readonly sockets: net.Socket[] = [];
  private stopper: ((reason: Error) => void) | undefined;

  private readonly addressPatienceMs: number;

  constructor(
    private readonly resolver: GuardedResolver,
    timeoutMs: number,
  ) {
    this.addressPatienceMs = Math.ceil(Math.min(ADDRESS_PATIENCE_MS, timeoutMs / 4));
  }

  /** `stop` is called when time is up; the last one that is given counts. */
  onStop(stop: (reason: Error) => void): void {
    this.stopper = stop;
  }

  stop(reason: Error): void {
    this.stopper?.(reason);
  }

  /**
   * Closes whatever is still open: a check leaves no socket behind. The last comes first: Node 20 crashes when a
   * socket is destroyed before the TLS that runs over it.
   */
  end(): void {
    for (const socket of this.sockets.toReversed()) socket.destroy();
  }

  /** Whether it waits in a line of lookups that has nothing to do with its endpoint. */
  get isHeldUp(): boolean {
    return this.clock.stage === 'resolving the name' && this.resolver.isHeldUp(this.host);
  }

  /**
   * Begins to connect. For those who hand sockets on (`createConnection`); others await {@link connect}.
   * @throws UnusableHost when the guard refuses the host
   */
  open({ host, port }: SocketAddress, next: Stage = 'waiting for the answer'): net.Socket {
    this.begin(host);
    const socket = net.connect(this.socketOptions({ host, port }));
    this.watch(socket, host, next);
    return socket;
  }

  /** Like {@link open}, with TLS from the first byte. */
  openSecure({ host, port }: SocketAddress, settings: TlsSettings): tls.TLSSocket {
    this.begin(host);
    const socket = tls.connect({
      ...tlsOptions(host, settings),
      ...this.socketOptions({ host, port }),
    });
    this.watch(socket, host, 'TLS handshake');
    this.watchHandshake(socket);
    return socket;
  }

  /** A connected socket; destroyed when time is up. */
  connect(address: SocketAddress, secure?: TlsSettings): Promise<net.Socket> {
    const socket = secure ? this.openSecure(address, secure) : this.open(address);
    return this.ready(socket, secure ? 'secureConnect' : 'connect');
  }

  /** Goes on with TLS on a socket that is connected already (STARTTLS and its like). */
  secure(socket: net.Socket, settings: TlsSettings): Promise<tls.TLSSocket> {
    this.clock.begin('TLS handshake');
    const secured = tls.connect({ socket, ...tlsOptions(this.host, settings) });
    this.sockets.push(secured);
    secured.on('error', ignore);
    this.watchHandshake(secured);
    return this.ready(secured, 'secureConnect');
  }

  /**
   * Where a name leads now, past the guard; for libraries that take no socket.
   * @throws UnusableHost, or what the lookup failed with
   */
  resolve(host: string): Promise<{ address: string; family: number }[]> {
    this.begin(host);
    return new Promise((resolve, reject) => {
      this.onStop(reject);
      this.resolver.lookup(host, { all: true }, (error, addresses) => {
        if (error) return reject(error);
        if (!isIP(host)) this.clock.mark('dns', 'connecting');
        resolve(addresses as { address: string; family: number }[]);
      });
    });
  }

  /** Waits for what ends by itself, or when time is up. Sockets need no thought: {@link end} closes them. */
  wait<T>(begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onStop(reject);
      begin(resolve, reject);
    });
  }

  /**
   * For hosts that somebody else looks up, such as a proxy: what can be told without DNS.
   * @throws UnusableHost when the guard refuses it
   */
  assertHostAllowed(host: string): void {
    this.resolver.assertHostAllowed(host);
  }

  private socketOptions(address: SocketAddress) {
    return {
      ...address,
      lookup: this.resolver.lookup,
      autoSelectFamilyAttemptTimeout: this.addressPatienceMs,
    };
  }

  private begin(host: string): void {
    this.host = host;
    this.assertHostAllowed(host);
    this.clock.begin(isIP(host) ? 'connecting' : 'resolving the name');
  }

  private watch(socket: net.Socket, host: string, next: Stage): void {
    this.sockets.push(socket);
    // Whoever listens while it is used hears of errors; afterwards nobody does, and nothing must be brought down.
    socket.on('error', ignore);
    if (!isIP(host)) socket.once('lookup', () => this.clock.mark('dns', 'connecting'));
    socket.once('connect', () => this.clock.mark('connect', next));
  }

  /** The certificate is kept whether or not it is believed: `secure` comes before it is verified. */
  private watchHandshake(socket: tls.TLSSocket): void {
    let shown: CertificateFacts | null = null;
    const distrust = (problem: unknown): void => {
      if (shown) this.certificate = { ...shown, trusted: false, problem: problemOf(problem) };
    };
    socket.prependOnceListener('secure', () => (this.certificate = shown = certificateFacts(socket)));
    socket.once('error', distrust);
    socket.once('secureConnect', () => {
      this.clock.mark('tls', 'waiting for the answer');
      socket.off('error', distrust);
      if (!socket.authorized) distrust(socket.authorizationError);
    });
  }

  private ready<Socket extends net.Socket>(socket: Socket, event: string): Promise<Socket> {
    return this.wait((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('socket hang up')));
      socket.once(event, () => resolve(socket));
    });
  }
}

function ignore(): void {}

function problemOf(error: unknown): string {
  const { code, message } = Object(error) as NodeJS.ErrnoException;
  return code ?? message ?? String(error);
}

function tlsOptions(host: string, { servername, verify, protocols, context }: TlsSettings) {
  const name = servername ?? host;
  return {
    servername: isIP(name) ? undefined : name,
    host: name,
    rejectUnauthorized: verify,
    secureContext: context ?? SECURE_CONTEXT,
    ...(protocols && { ALPNProtocols: protocols }),
  };
}
