import { Inject, Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { CONFIG, type Config } from '../../config/config.js';

/** What kind of place an address is. Only `public` and, by setting, `private` may be watched. */
export type AddressClass =
  'public' | 'private' | 'metadata' | 'link_local' | 'unspecified' | 'multicast' | 'broadcast' | 'invalid';

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

const DESCRIPTIONS: Record<Exclude<AddressClass, 'public'>, string> = {
  private: 'is in a private network (ALLOW_PRIVATE_TARGETS is off)',
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
  'private',
  'public',
];

/** Decides which addresses checks may connect to. Made for addresses that DNS has already resolved: names prove nothing. */
@Injectable()
export class AddressGuard {
  private readonly allowPrivate: boolean;

  constructor(@Inject(CONFIG) config: Pick<Config, 'ALLOW_PRIVATE_TARGETS'>) {
    this.allowPrivate = config.ALLOW_PRIVATE_TARGETS;
  }

  /** Why an address is refused, for a person; `undefined` when it may be watched. */
  refusalOfAddress(address: string): string | undefined {
    const kind = classifyAddress(address);
    if (kind === 'public' || (kind === 'private' && this.allowPrivate)) return undefined;
    return `${address} ${DESCRIPTIONS[kind]}`;
  }

  /** The same for the host of a URL, as far as it can be told without DNS: literal addresses and well-known names. */
  refusalOfHost(host: string): string | undefined {
    const bare = host.replace(/^\[|\]$/g, '');
    if (ipaddr.isValid(bare)) return this.refusalOfAddress(bare);
    const name = bare.toLowerCase().replace(/\.$/, '');
    return METADATA_HOSTS.has(name) ? `${name} is a cloud metadata host` : undefined;
  }
}

/** What an address is, looking through the IPv6 forms that carry an IPv4 address. */
export function classifyAddress(address: string): AddressClass {
  if (!ipaddr.isValid(address)) return 'invalid';
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return classifyOne(parsed);
  const carried = embeddedAddresses(parsed.toByteArray());
  const outer: AddressClass[] = carried.length > 0 && isTransition(parsed) ? [] : [classifyOne(parsed)];
  return worst([...outer, ...carried.map(classifyOne)]);
}

/** Forms that are nothing but a wrapping: what counts is the address inside. */
function isTransition(address: ipaddr.IPv6): boolean {
  return ['ipv4Mapped', 'rfc6145', 'rfc6052', '6to4', 'teredo', 'unicast'].includes(address.range());
}

function classifyOne(address: ipaddr.IPv4 | ipaddr.IPv6): AddressClass {
  if (METADATA_ADDRESSES.has(address.toNormalizedString().replace(/%.*/, ''))) return 'metadata';
  switch (address.range()) {
    case 'unicast':
      return 'public';
    case 'linkLocal':
      return 'link_local';
    case 'unspecified':
      return 'unspecified';
    case 'multicast':
      return 'multicast';
    case 'broadcast':
      return 'broadcast';
    default:
      return 'private';
  }
}

/** The IPv4 addresses inside an IPv6 one: mapped, compatible, SIIT, NAT64 (RFC 6052), 6to4, Teredo and ISATAP. */
function embeddedAddresses(bytes: number[]): ipaddr.IPv4[] {
  const at = (...indexes: number[]) => new ipaddr.IPv4(indexes.map((index) => bytes[index]!));
  const last = at(12, 13, 14, 15);
  const starts = (...prefix: number[]) => prefix.every((byte, index) => bytes[index] === byte);
  const zero = (from: number, to: number) => bytes.slice(from, to).every((byte) => byte === 0);

  if (zero(0, 10) && bytes[10] === 0xff && bytes[11] === 0xff) return [last];
  if (zero(0, 12) && !zero(12, 15)) return [last];
  if (zero(0, 8) && bytes[8] === 0xff && bytes[9] === 0xff && zero(10, 12)) return [last];
  if (starts(0x00, 0x64, 0xff, 0x9b, 0, 0) && zero(6, 12)) return [last];
  if (starts(0x00, 0x64, 0xff, 0x9b, 0, 1)) return zero(6, 11) ? [last] : [last, at(6, 7, 9, 10)];
  if (starts(0x20, 0x02)) return [at(2, 3, 4, 5)];
  if (starts(0x20, 0x01, 0, 0))
    return [at(4, 5, 6, 7), new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff))];
  const isIsatap = (bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isIsatap ? [last] : [];
}

function worst(classes: AddressClass[]): AddressClass {
  return SEVERITY.find((kind) => classes.includes(kind)) ?? 'invalid';
}
