import { readFileSync } from 'node:fs';
import { configSchema } from './config.schema.js';
import { InvalidConfigError, parseConfig } from './config.js';

describe('parseConfig', () => {
  it('needs nothing: every setting has a default or may be absent', () => {
    expect(parseConfig({})).toMatchObject({
      PORT: 3000,
      LOG_LEVEL: 'info',
      DISPATCH_INTERVAL: 1_000,
      REQUIRE_HTTPS: false,
    });
  });

  it('reads numbers, flags, lists and durations', () => {
    const config = parseConfig({
      PORT: '8080',
      REQUIRE_HTTPS: 'true',
      CORS_ORIGINS: 'https://a.example, https://b.example',
      CHECK_RETENTION: '7d',
      WORKER_QUEUES: 'dispatch,checks',
    });
    expect(config).toMatchObject({
      PORT: 8080,
      REQUIRE_HTTPS: true,
      CORS_ORIGINS: ['https://a.example', 'https://b.example'],
      CHECK_RETENTION: 7 * 86_400_000,
      WORKER_QUEUES: ['dispatch', 'checks'],
    });
  });

  it('takes an empty value for an absent one', () => {
    expect(parseConfig({ DATABASE_URL: '', PORT: ' ' })).toMatchObject({ PORT: 3000 });
  });

  it('names every bad key at once, and never a value', () => {
    const bad = {
      PORT: 'secret-port',
      DATABASE_URL: 'mysql://user:secret-password@host/db',
      CHECK_RETENTION: 'secret-ages',
      WORKER_QUEUES: 'secret-queue',
      LOG_LEVEL: 'secret-level',
    };
    expect(() => parseConfig(bad)).toThrow(InvalidConfigError);
    const message = messageOf(() => parseConfig(bad));
    for (const key of Object.keys(bad)) expect(message).toContain(`- ${key}: `);
    expect(message).not.toContain('secret');
  });

  it.each([
    { DISPATCH_INTERVAL: '0s' },
    { DISPATCH_INTERVAL: '99ms' },
    { CHECK_RETENTION: '0d' },
    { OCCURRENCE_RETENTION: '23h' },
    { SHUTDOWN_TIMEOUT: '0s' },
    { SHUTDOWN_DELAY: '15s', SHUTDOWN_TIMEOUT: '15s' },
    { TRUST_PROXY: 'loopback, everyone' },
    { TRUST_PROXY: '10.0.0.0/33' },
    { WITNESS_TARGETS: 'one.one.one.one' },
    { WITNESS_TARGETS: 'one.one.one.one:443, none' },
    { WITNESS_TARGETS: 'host:65536' },
    { DEADMAN_INTERVAL: '9s' },
  ])('refuses what would do harm, and names the key: %o', (environment) => {
    expect(messageOf(() => parseConfig(environment))).toContain(`- ${Object.keys(environment)[0]}: must `);
  });

  it('knows witnesses by host and port, or none', () => {
    const targets = (text: string) => parseConfig({ WITNESS_TARGETS: text }).WITNESS_TARGETS;
    expect(targets('')).toEqual(['one.one.one.one:443', 'dns.google:443']);
    expect(targets('10.0.0.1:53, [2001:db8::1]:443')).toEqual(['10.0.0.1:53', '[2001:db8::1]:443']);
    expect(targets('none')).toEqual([]);
  });

  it('takes the least durations, and proxies of every kind', () => {
    const config = parseConfig({
      DISPATCH_INTERVAL: '100ms',
      CHECK_RETENTION: '1d',
      SHUTDOWN_DELAY: '0s',
      TRUST_PROXY: 'loopback, 10.0.0.0/8, 2001:db8::1',
    });
    expect(config.TRUST_PROXY).toEqual(['loopback', '10.0.0.0/8', '2001:db8::1']);
  });
});

describe('.env.example', () => {
  const lines = readFileSync('.env.example', 'utf8').split('\n');
  const keys = lines.flatMap(
    (line) => /^# ?([A-Z_]+)=|^([A-Z_]+)=/.exec(line)?.slice(1).filter(Boolean) ?? [],
  );

  it('has every setting of the schema, once, in its order, and no other', () => {
    expect(keys).toEqual(Object.keys(configSchema.shape));
  });

  it('says of each setting what the schema says', () => {
    const text = lines.filter((line) => line.startsWith('# ')).join('\n');
    for (const schema of Object.values(configSchema.shape)) expect(text).toContain(schema.description);
  });

  it('shows values that the schema accepts', () => {
    const shown = Object.fromEntries(
      lines.flatMap((line) => {
        const match = /^#? ?([A-Z_]+)=(.*)$/.exec(line);
        return match ? [[match[1]!, match[2]!]] : [];
      }),
    );
    expect(() => parseConfig(shown)).not.toThrow();
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
