import { lookup, Resolver } from 'node:dns/promises';
import { connect, isIP, type LookupFunction } from 'node:net';

export interface Witness {
  host: string;
  port: number;
}

/** Whether something answers there. Never rejects. */
export type ReachWitness = (witness: Witness) => Promise<boolean>;

const TIMEOUT_MS = 2_000;

/** Opens a TCP connection and closes it again; nothing is sent. The name is looked up afresh. */
export const reachWitness: ReachWitness = ({ host, port }) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, lookup: freshLookup });
    const end = (reached: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reached);
    };
    // Over all of it: the look-up has no time limit that can be relied on.
    const timer = setTimeout(end, TIMEOUT_MS, false);
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

/** `host:port` taken apart; brackets around an IPv6 address go. */
export function parseWitness(target: string): Witness {
  const colon = target.lastIndexOf(':');
  return { host: target.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(target.slice(colon + 1)) };
}

const freshLookup: LookupFunction = (hostname, _options, callback) => {
  addressesOf(hostname).then(
    (addresses) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: isIP(address) })),
      ),
    (error: NodeJS.ErrnoException) => callback(error, []),
  );
};

/**
 * Asks the name servers directly. The system’s own look-up works on a few names at a time, in order: behind checks whose
 * names get no answer, a witness would seem to be gone with them. It only knows more about names of the local network.
 */
async function addressesOf(name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  try {
    return await Promise.any([resolved(resolver.resolve4(name)), resolved(resolver.resolve6(name))]);
  } catch {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } finally {
    resolver.cancel();
  }
}

async function resolved(question: Promise<string[]>): Promise<string[]> {
  const addresses = await question;
  if (addresses.length === 0) throw new Error('no address');
  return addresses;
}
