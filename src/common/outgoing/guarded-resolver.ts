import dns, { type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import { AddressGuard } from './address-guard.js';

/** A host that may not or cannot be connected to; the message is for a person. */
export class UnusableHost extends Error {}

/** Resolves a name to all its addresses. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>;

const resolveWithSystem: ResolveName = (name) =>
  new Promise((resolve, reject) => {
    dns.lookup(name, { all: true, hints: dns.ADDRCONFIG }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });

/** Lookups that the system works on at once whatever the size of its thread pool; others may stand in line. */
const SURELY_BEGUN = 2;

interface RunningLookup {
  answer: Promise<LookupAddress[]>;
  /** Whether a lookup that was asked for later has ended: then this one is not standing in line. */
  overtaken: boolean;
}

/**
 * Name resolution for checks: never cached, and only addresses that the guard lets through come out. A socket
 * connects to what comes out of here, so a name cannot answer one thing to the guard and another to the connection.
 * Lookups of the same name that run at the same time share one answer: a burst of checks costs one.
 */
@Injectable()
export class GuardedResolver {
  private readonly running = new Map<string, RunningLookup>();
  /** Replaced by tests. */
  resolveName: ResolveName = resolveWithSystem;

  constructor(private readonly guard: AddressGuard) {}

  /**
   * For hosts that need no lookup, which `net.connect` therefore never asks {@link lookup} about.
   * @throws UnusableHost when the guard refuses it
   */
  assertHostAllowed(host: string): void {
    const refusal = this.guard.refusalOfHost(host);
    if (refusal) throw new UnusableHost(`Refused: ${refusal}`);
  }

  /**
   * Whether the lookup of a name may not even have begun, because those before it get no answer: the system works on
   * a few at a time, in order. A check that waits for such a one has learned nothing about its endpoint.
   */
  isHeldUp(name: string): boolean {
    const lookup = this.running.get(name);
    if (!lookup || lookup.overtaken) return false;
    return [...this.running.keys()].indexOf(name) >= SURELY_BEGUN;
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
    throw new UnusableHost(
      refusal
        ? `Refused: ${hostname} leads to an address that is refused: ${refusal}`
        : `DNS: ${hostname} has no address`,
    );
  }

  private resolve(name: string): Promise<LookupAddress[]> {
    const running = this.running.get(name);
    if (running) return running.answer;
    const answer = this.resolveName(name).finally(() => this.ended(name));
    this.running.set(name, { answer, overtaken: false });
    return answer;
  }

  private ended(name: string): void {
    for (const [other, lookup] of this.running) {
      if (other === name) break;
      lookup.overtaken = true;
    }
    this.running.delete(name);
  }
}
