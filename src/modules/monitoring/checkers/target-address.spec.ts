import { addressOf } from './target-address.js';

const SCHEMES = { 'redis:': 6379, 'ping:': null };

describe('addressOf', () => {
  it.each([
    ['redis://cache.example.org', 'cache.example.org', 6379],
    ['redis://cache.example.org:80/3', 'cache.example.org', 80],
    ['redis://[2001:db8::1]:7000', '2001:db8::1', 7000],
    ['redis://0x7f.1', '127.0.0.1', 6379],
    ['redis://例え.jp', 'xn--r8jz45g.jp', 6379],
    ['ping://_Odd.Example.org', '_odd.example.org', 0],
  ])('%s', (url, host, port) => {
    expect(addressOf(url, SCHEMES)).toEqual({ host, port });
  });

  it('refuses what is no host', () => {
    expect(() => addressOf('redis:///1', SCHEMES)).toThrow('An empty name is not a valid host');
  });
});
