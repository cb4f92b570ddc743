import dns, { type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import { AddressGuard } from '../address-guard.js';
import { CheckFailure } from './checker.js';

/** Resolves a name to all its addresses. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>;

const resolveWithSystem: ResolveName = (name) =>
  new Promise((resolve, reject) => {
    dns.lookup(name, { all: true, hints: dns.ADDRCONFIG }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });

/**
 * Name resolution for checks: never cached, and only addresses that the guard lets through come out. A socket
 * connects to what comes out of here, so a name cannot answer one thing to the guard and another to the connection.
 * Lookups of the same name that run at the same time share one answer: a burst of checks costs one.
 */
@Injectable()
export class GuardedResolver {
  private readonly running = new Map<string, Promise<LookupAddress[]>>();
  /** Replaced by tests. */
  resolveName: ResolveName = resolveWithSystem;

  constructor(private readonly guard: AddressGuard) {}

  /**
   * For hosts that need no lookup, which `net.connect` therefore never asks {@link lookup} about.
   * @throws CheckFailure when the host may not be watched
   */
  assertHostAllowed(host: string): void {
    const refusal = this.guard.refusalOfHost(host);
    if (refusal) throw new CheckFailure(`Refused: ${refusal}`);
  }

  /** The `lookup` of a socket. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    void this.answer(hostname, options.all === true, callback);
  };

  private async answer(
    hostname: string,
    all: boolean,
    callback: Parameters<LookupFunction>[2],
  ): Promise<void> {
    let addresses: LookupAddress[];
    try {
      addresses = await this.allowedAddresses(hostname);
    } catch (error) {
      callback(error as NodeJS.ErrnoException, '');
      return;
    }
    if (all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  }

  private async allowedAddresses(hostname: string): Promise<LookupAddress[]> {
    const addresses = isIP(hostname)
      ? [{ address: hostname, family: isIP(hostname) }]
      : await this.resolve(hostname);
    let refusal: string | undefined;
    const allowed = addresses.filter(({ address }) => {
      const reason = this.guard.refusalOfAddress(address);
      refusal ??= reason;
      return reason === undefined;
    });
    if (allowed.length > 0) return allowed;
    throw new CheckFailure(
      refusal ? `Refused: ${hostname} leads to ${refusal}` : `DNS: ${hostname} has no address`,
    );
  }

  private resolve(name: string): Promise<LookupAddress[]> {
    const running = this.running.get(name);
    if (running) return running;
    const started = this.resolveName(name).finally(() => this.running.delete(name));
    this.running.set(name, started);
    return started;
  }
}
