import { isIP } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { CONFIG, type Config } from '../../config/config.js';

/** What kind of place an address is. Only `public` and, by setting, `private` and `loopback` may be watched. */
export type AddressClass =
  | 'public'
  | 'private'
  | 'loopback'
  | 'reserved'
  | 'metadata'
  | 'link_local'
  | 'unspecified'
  | 'multicast'
  | 'broadcast'
  | 'invalid';

/**
 * Addresses at which clouds hand out credentials and that no range covers, or only a private one:
 * Alibaba, Azure, Oracle (three), AWS, Google and Scaleway over IPv6. All others are link-local.
 */
const METADATA_ADDRESSES = new Set(
  [
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:c1::a9fe:a9fe',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fd00:42::42',
  ].map((text) => ipaddr.parse(text).toNormalizedString()),
);

const METADATA_HOSTS = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'instance-data.ec2.internal',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'metadata.platformequinix.com',
]);

/** RFC 6761, 6.3: always this machine, whoever looks it up. */
const LOCALHOST = /(^|\.)localhost$/;

const DESCRIPTIONS: Record<Exclude<AddressClass, 'public'>, string> = {
  private: 'is in a private network (ALLOW_PRIVATE_TARGETS is off)',
  loopback: 'is this machine itself (ALLOW_PRIVATE_TARGETS is off)',
  reserved: 'is a reserved address',
  metadata: 'is a cloud metadata address',
  link_local: 'is a link-local address',
  unspecified: 'is the unspecified address',
  multicast: 'is a multicast address',
  broadcast: 'is the broadcast address',
  invalid: 'is not a valid address',
};

/** The worst first: an address that carries others is as bad as the worst of them. */
const SEVERITY: readonly AddressClass[] = [
  'invalid',
  'metadata',
  'link_local',
  'unspecified',
  'broadcast',
  'multicast',
  'reserved',
  'loopback',
  'private',
  'public',
];

const NEEDS_PERMISSION: readonly AddressClass[] = ['private', 'loopback'];

const MAX_HOSTS = 10_000;

/** Decides which addresses checks may connect to. Made for addresses that DNS has already resolved: names prove nothing. */
@Injectable()
export class AddressGuard {
  private readonly allowPrivate: boolean;
  /** The same few hosts are asked about a thousand times a second, and what is said of one never changes. */
  private readonly hosts = new Map<string, string | undefined>();

  constructor(@Inject(CONFIG) config: Pick<Config, 'ALLOW_PRIVATE_TARGETS'>) {
    this.allowPrivate = config.ALLOW_PRIVATE_TARGETS;
  }

  /** Why an address is refused, for a person; `undefined` when it may be watched. */
  refusalOfAddress(address: string): string | undefined {
    const kind = classifyAddress(address);
    if (kind === 'public' || (this.allowPrivate && NEEDS_PERMISSION.includes(kind))) return undefined;
    return `${address} ${DESCRIPTIONS[kind]}`;
  }

  /** The same for the host of a URL, as far as it can be told without DNS: literal addresses and well-known names. */
  refusalOfHost(host: string): string | undefined {
    if (this.hosts.has(host)) return this.hosts.get(host);
    if (this.hosts.size >= MAX_HOSTS) this.hosts.clear();
    const refusal = this.judgeHost(host);
    this.hosts.set(host, refusal);
    return refusal;
  }

  private judgeHost(host: string): string | undefined {
    const bare = host.replace(/^\[|\]$/g, '');
    // What `net` takes for an address is never looked up, so that nobody sees it after this.
    if (isIP(bare) !== 0 || ipaddr.isValid(bare)) return this.refusalOfAddress(bare);
    const name = bare.toLowerCase().replace(/\.+$/, '');
    if (LOCALHOST.test(name)) return this.refusalOfAddress('127.0.0.1');
    return METADATA_HOSTS.has(name) ? `${name} is a cloud metadata host` : undefined;
  }
}

/** What an address is, looking through the IPv6 forms that carry an IPv4 address. */
export function classifyAddress(address: string): AddressClass {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return classifyOne(parsed);
  const bytes = parsed.toByteArray();
  const carried = embeddedAddresses(bytes).map(classifyOne);
  return worst(isWrapping(parsed, bytes) ? carried : [classifyOne(parsed), ...carried]);
}

/** Forms that are nothing but a wrapping: what counts is the address inside. */
function isWrapping(address: ipaddr.IPv6, bytes: readonly number[]): boolean {
  const wrappings = ['ipv4Mapped', 'rfc6145', 'rfc6052', '6to4', 'teredo'];
  return wrappings.includes(address.range()) ? !isLocalNat64(bytes) : isCompatible(bytes);
}

function classifyOne(address: ipaddr.IPv4 | ipaddr.IPv6): AddressClass {
  if (METADATA_ADDRESSES.has(address.toNormalizedString().replace(/%.*/, ''))) return 'metadata';
  // Typed, it would lack `deprecatedSiteLocal`.
  const range: string = address.range();
  switch (range) {
    case 'unicast':
      return isGlobal(address) ? 'public' : 'reserved';
    // Anybody may announce these: they are services for all (RFC 7534, RFC 7535, RFC 7450).
    case 'as112':
    case 'as112v6':
    case 'amt':
      return 'public';
    case 'linkLocal':
      return 'link_local';
    case 'unspecified':
      return 'unspecified';
    case 'multicast':
      return 'multicast';
    case 'broadcast':
      return 'broadcast';
    case 'loopback':
      return 'loopback';
    case 'private':
    case 'carrierGradeNat':
    case 'uniqueLocal':
    case 'deprecatedSiteLocal':
    case 'benchmarking':
    // The local prefix of NAT64 leads into the own network (RFC 8215).
    case 'rfc6052':
      return 'private';
    default:
      return matches(address, BENCHMARKING) ? 'private' : 'reserved';
  }
}

/** Set apart for laboratories (RFC 2544), and used in many as one more private network. */
const BENCHMARKING = ipaddr.parseCIDR('198.18.0.0/15');
/** All of IPv6 that has been given out so far (https://www.iana.org/assignments/ipv6-address-space). */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.kind() === 'ipv4' || matches(address, GLOBAL_IPV6);
}

function matches(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  [network, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number],
): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/** The IPv4 addresses inside an IPv6 one: mapped, compatible, SIIT, NAT64 (RFC 6052), 6to4, Teredo and ISATAP. */
function embeddedAddresses(bytes: number[]): ipaddr.IPv4[] {
  const at = (...indexes: number[]) => new ipaddr.IPv4(indexes.map((index) => bytes[index]!));
  const last = at(12, 13, 14, 15);
  const starts = (...prefix: number[]) => prefix.every((byte, index) => bytes[index] === byte);

  if (isZero(bytes, 0, 10) && bytes[10] === 0xff && bytes[11] === 0xff) return [last];
  if (isCompatible(bytes)) return [last];
  if (isZero(bytes, 0, 8) && bytes[8] === 0xff && bytes[9] === 0xff && isZero(bytes, 10, 12)) return [last];
  if (starts(0x00, 0x64, 0xff, 0x9b, 0, 0) && isZero(bytes, 6, 12)) return [last];
  if (isLocalNat64(bytes)) {
    // Its translator may use any length of prefix (RFC 6052, 2.2); byte 8 is none of the address.
    const places = [at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12), last];
    return places.filter(({ octets }) => octets[0] !== 0);
  }
  if (starts(0x20, 0x02)) return [at(2, 3, 4, 5)];
  if (starts(0x20, 0x01, 0, 0)) {
    return [at(4, 5, 6, 7), new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff))];
  }
  const isIsatap = (bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isIsatap ? [last] : [];
}

/** `::a.b.c.d`, but neither `::` nor `::1`. */
function isCompatible(bytes: readonly number[]): boolean {
  return isZero(bytes, 0, 12) && !(isZero(bytes, 12, 15) && bytes[15]! <= 1);
}

/** 64:ff9b:1::/48. */
function isLocalNat64(bytes: readonly number[]): boolean {
  return [0x00, 0x64, 0xff, 0x9b, 0, 1].every((byte, index) => bytes[index] === byte);
}

function isZero(bytes: readonly number[], from: number, to: number): boolean {
  return bytes.slice(from, to).every((byte) => byte === 0);
}

function worst(classes: AddressClass[]): AddressClass {
  return SEVERITY.find((kind) => classes.includes(kind)) ?? 'invalid';
}
