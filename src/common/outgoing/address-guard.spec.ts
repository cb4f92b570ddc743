import { isIP } from 'node:net';
import * as fc from 'fast-check';
import { type AddressClass, AddressGuard, classifyAddress } from './address-guard.js';

const TABLE: [string, AddressClass][] = [
  // metadata services
  ['169.254.169.254', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['192.0.0.192', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['fd00:ec2:0:0:0:0:0:254', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['fd00:c1::a9fe:a9fe', 'metadata'],
  ['::ffff:169.254.169.254', 'metadata'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['0:0:0:0:0:ffff:a9fe:a9fe', 'metadata'],
  ['::a9fe:a9fe', 'metadata'],
  ['::ffff:0:a9fe:a9fe', 'metadata'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  ['64:ff9b::169.254.169.254', 'metadata'],
  ['64:ff9b:1::a9fe:a9fe', 'metadata'],
  ['64:ff9b:1:a9fe:a9:fe00::', 'metadata'],
  ['2002:a9fe:a9fe::1', 'metadata'],
  ['2001:0:a9fe:a9fe::', 'metadata'],
  ['2001:0:808:808::5601:5601', 'metadata'],
  ['2001:4860::5efe:a9fe:a9fe', 'metadata'],
  ['2002:6464:64c8::', 'metadata'],
  // link-local
  ['169.254.0.1', 'link_local'],
  ['169.254.170.2', 'link_local'],
  ['fe80::1', 'link_local'],
  ['fe80::1%eth0', 'link_local'],
  ['febf::1', 'link_local'],
  ['fe80::5efe:8.8.8.8', 'link_local'],
  ['::ffff:169.254.0.1', 'link_local'],
  ['2002:a9fe:0001::', 'link_local'],
  // nowhere, everybody, many
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  ['::ffff:0.0.0.0', 'unspecified'],
  ['255.255.255.255', 'broadcast'],
  ['::ffff:255.255.255.255', 'broadcast'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.250', 'multicast'],
  ['ff02::1', 'multicast'],
  ['64:ff9b::e000:1', 'multicast'],
  // private
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fc00::1', 'private'],
  ['fdff::1', 'private'],
  ['fec0::1', 'private'],
  ['198.18.0.1', 'private'],
  ['192.0.2.1', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['2002:c0a8:0101::', 'private'],
  ['2001:4860::5efe:10.0.0.1', 'private'],
  ['198.19.255.255', 'private'],
  ['2001:2::1', 'private'],
  ['64:ff9b:1::808:808', 'private'],
  ['64:ff9b:1:7f00:0:100::', 'loopback'],
  ['64:ff9b:1:a9:fe:a9fe::', 'metadata'],
  ['64:ff9b:1:0:a9:fea9:fe00:0', 'metadata'],
  // for nobody
  ['198.51.100.1', 'reserved'],
  ['203.0.113.1', 'reserved'],
  ['192.0.0.1', 'reserved'],
  ['192.88.99.1', 'reserved'],
  ['255.255.255.254', 'reserved'],
  ['3fff::1', 'reserved'],
  ['100::1', 'reserved'],
  ['2001:10::1', 'reserved'],
  ['2001:20::1', 'reserved'],
  ['2001:100::1', 'reserved'],
  ['4000::1', 'reserved'],
  ['5f00::1', 'reserved'],
  ['4000::5efe:8.8.8.8', 'reserved'],
  ['::2', 'unspecified'],
  ['::ffff', 'unspecified'],
  // public
  ['192.175.48.1', 'public'],
  ['2620:4f:8000::1', 'public'],
  ['1.1.1.1', 'public'],
  ['8.8.8.8', 'public'],
  ['172.32.0.1', 'public'],
  ['100.128.0.1', 'public'],
  ['169.253.255.255', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['64:ff9b::808:808', 'public'],
  ['2002:808:808::1', 'public'],
  // not addresses
  ['', 'invalid'],
  ['example.org', 'invalid'],
  ['1.2.3.4.5', 'invalid'],
];

describe('address classes', () => {
  it.each(TABLE)('%s is %s', (address, kind) => expect(classifyAddress(address)).toBe(kind));

  it('every wrapping of an IPv4 address is as bad as the address', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const plain = classifyAddress(octets.join('.'));
        const hex = octets.map((each) => each.toString(16).padStart(2, '0'));
        const [high, low] = [hex.slice(0, 2).join(''), hex.slice(2).join('')];
        expect(classifyAddress(`::ffff:${high}:${low}`)).toBe(plain);
        expect(classifyAddress(`64:ff9b::${high}:${low}`)).toBe(plain);
        expect(classifyAddress(`2002:${high}:${low}::`)).toBe(plain);
      }),
    );
  });

  it('answers something for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => classifyAddress(text) !== undefined),
    );
  });
});

describe('the guard', () => {
  const open = new AddressGuard({ ALLOW_PRIVATE_TARGETS: true });
  const strict = new AddressGuard({ ALLOW_PRIVATE_TARGETS: false });

  it.each(TABLE)('on %s follows the policy', (address, kind) => {
    expect(open.refusalOfAddress(address) === undefined).toBe(
      ['public', 'private', 'loopback'].includes(kind),
    );
    expect(strict.refusalOfAddress(address) === undefined).toBe(kind === 'public');
  });

  it('says what is wrong', () => {
    expect(open.refusalOfAddress('169.254.169.254')).toBe('169.254.169.254 is a cloud metadata address');
    expect(strict.refusalOfAddress('10.0.0.1')).toBe(
      '10.0.0.1 is in a private network (ALLOW_PRIVATE_TARGETS is off)',
    );
  });

  it.each([
    'http://169.254.169.254/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://2852039166/',
    'http://169.254.43518/',
    'http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://0/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'http://metadata.google.internal../',
    'http://192.0.2.1/',
  ])('refuses the host of %s without DNS', (url) => {
    expect(open.refusalOfHost(new URL(url).hostname)).toBeDefined();
  });

  it.each([
    'http://example.org/',
    'http://127.0.0.1/',
    'http://localhost/',
    'http://metadata/',
    'http://[::1]/',
  ])('leaves the host of %s to the connection', (url) =>
    expect(open.refusalOfHost(new URL(url).hostname)).toBeUndefined(),
  );

  it.each(['localhost', 'LOCALHOST.', 'a.localhost', '127.0.0.1', '127.1'])(
    'knows %s for this machine',
    (host) => {
      expect(open.refusalOfHost(host)).toBeUndefined();
      expect(strict.refusalOfHost(host)).toMatch(/is this machine itself/);
    },
  );

  it('refuses what sockets take for an address and it cannot read', () => {
    expect(isIP('::1%a.b')).toBe(6);
    expect(open.refusalOfHost('::1%a.b')).toBe('::1%a.b is not a valid address');
  });
});
