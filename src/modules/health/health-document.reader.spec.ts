import { isOriginAllowed } from './health-document.reader.js';
import { isStrained } from './system-share.js';

const OWN = { PUBLIC_URL: 'https://watch.example.org/base', PORT: 3000 };

describe('isOriginAllowed', () => {
  it.each([
    ['its own pages', [], 'https://watch.example.org', true],
    ['a request without an origin', [], undefined, true],
    ['a configured origin', ['https://a.example.org'], 'https://a.example.org', true],
    ['any origin with *', ['*'], 'https://b.example.org', true],
    ['another origin', ['https://a.example.org'], 'https://b.example.org', false],
    ['its own host over another scheme', [], 'http://watch.example.org', false],
  ])('%s', (_, CORS_ORIGINS, origin, allowed) => {
    expect(isOriginAllowed({ ...OWN, CORS_ORIGINS }, origin)).toBe(allowed);
  });
});

describe('isStrained', () => {
  const idle = { cpu_percent: 95, memory_percent: 95, disk_percent: 95, memory_used_mb: 1 };
  const rest = { load_average: 9, network_bytes_in: 0, network_bytes_out: 0 };

  it('is so above 95 % of processor, memory or disk', () => {
    expect(isStrained({ ...idle, ...rest })).toBe(false);
    for (const share of ['cpu_percent', 'memory_percent', 'disk_percent']) {
      expect(isStrained({ ...idle, ...rest, [share]: 95.1 })).toBe(true);
    }
  });
});
