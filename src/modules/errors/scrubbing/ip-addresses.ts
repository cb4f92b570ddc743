import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { TextRule } from './redact-text.js';

type Choice = 'keep' | 'anonymise' | 'remove';

const IPV4 = /(?<![\w.-])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w-]|\.\d)/g;
const IPV6 = /(?<![\w:.])(?:[\da-f]{0,4}:){2,7}[\da-f.]{0,39}(?![\w:])/gi;
const REMOVED = '[ip]';
/** `Cafe::Bad` could be an address, but is a class. */
const LOOKS_LIKE_ADDRESS = /\d|:.*:.*:/;

/** The rule for addresses inside texts, if any. */
export function addressRule(choice: Choice): TextRule[] {
  if (choice === 'keep') return [];
  const replace = (address: string): string => {
    if (isIP(address) === 0 || !LOOKS_LIKE_ADDRESS.test(address)) return address;
    return choice === 'remove' ? REMOVED : maskAddress(address);
  };
  return [
    {
      name: 'IP address',
      mayApply: (text) => /\d\.\d|[\da-f:]:/i.test(text),
      redact: (text) => text.replace(IPV6, replace).replace(IPV4, replace),
    },
  ];
}

/** What is kept of an address that is a report’s own or its user’s. */
export function keptAddress(address: string | null, choice: Choice): string | null {
  if (address === null || choice === 'keep') return address;
  return choice === 'remove' ? null : maskAddress(address);
}

const IPV4_KEPT_BYTES = 3;
const IPV6_KEPT_BYTES = 6;

/**
 * The last 8 bits of IPv4 and the last 80 of IPv6 become zero, as Google Analytics did it
 * (https://support.google.com/analytics/answer/2763052). What is no address is taken out whole.
 */
export function maskAddress(address: string): string {
  const [plain] = address.split('%') as [string];
  if (isIP(plain) === 0) return REMOVED;
  const parsed = ipaddr.process(plain);
  const keep = parsed.kind() === 'ipv4' ? IPV4_KEPT_BYTES : IPV6_KEPT_BYTES;
  return ipaddr
    .fromByteArray(parsed.toByteArray().map((byte, index) => (index < keep ? byte : 0)))
    .toString();
}
