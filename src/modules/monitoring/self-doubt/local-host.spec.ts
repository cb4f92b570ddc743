import { hostOf, isLocalHost } from './local-host.js';

describe('isLocalHost', () => {
  it.each([
    'localhost',
    'LOCALHOST.',
    'api.localhost',
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '[::1]',
    '[::ffff:7f00:1]',
  ])('knows this machine by %s', (host) => expect(isLocalHost(host)).toBe(true));

  it.each(['localhost.example.org', '10.0.0.1', '1.127.0.0', '::2', 'example.org', ''])(
    'does not take %s for it',
    (host) => expect(isLocalHost(host)).toBe(false),
  );

  it('reads the host of an address', () => {
    expect(hostOf('https://user:pass@example.org:8443/a?b')).toBe('example.org');
    expect(hostOf('tcp://[::1]:5432')).toBe('[::1]');
    expect(hostOf('example.org')).toBe('example.org');
  });
});
