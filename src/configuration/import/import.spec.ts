import { importGatus, isGatusConfiguration } from './gatus.js';
import { isUptimeKumaBackup, importUptimeKuma } from './uptime-kuma.js';

const BACKUP = {
  version: '1.23.16',
  notificationList: [{ id: 1, name: 'Slack' }],
  monitorList: [
    { id: 1, type: 'group', name: 'Shop' },
    {
      id: 2,
      parent: 1,
      type: 'keyword',
      name: 'Front page',
      url: 'https://shop.test/',
      method: 'GET',
      interval: 20,
      retryInterval: 20,
      maxretries: 2,
      timeout: 16,
      keyword: 'Welcome',
      invertKeyword: false,
      ignoreTls: true,
      maxredirects: 10,
      accepted_statuscodes: ['200-299', '301'],
      headers: '{"X-Env": "live"}',
      basic_auth_user: 'kuma',
      basic_auth_pass: 'bear',
      authMethod: 'basic',
      active: true,
      tags: [{ name: 'team', value: 'web' }, { name: 'live' }],
    },
    { id: 3, type: 'port', name: 'Front page', hostname: '2001:db8::1', port: 22, interval: 60, active: 0 },
    { id: 4, type: 'ping', name: 'Router', hostname: '10.0.0.1', interval: 60 },
    {
      id: 5,
      type: 'dns',
      name: 'Name',
      hostname: 'shop.test',
      dns_resolve_server: '1.1.1.1',
      port: 53,
      dns_resolve_type: 'MX',
    },
    { id: 6, type: 'push', name: 'Backup job', interval: 86400 },
    {
      id: 7,
      type: 'postgres',
      name: 'DB',
      databaseConnectionString: 'postgres://kuma:p%40ss@db:5432/shop',
      databaseQuery: 'SELECT 2',
    },
    {
      id: 8,
      type: 'json-query',
      name: 'API',
      url: 'https://shop.test/api',
      jsonPath: 'status',
      expectedValue: 'ok',
    },
    { id: 9, type: 'mqtt', name: 'Broker' },
    { id: 10, type: 'http', name: 'Reversed', url: 'https://x.test/', upsideDown: true, authMethod: 'ntlm' },
  ],
};

describe('importing a backup of Uptime Kuma', () => {
  const { document, warnings } = importUptimeKuma(BACKUP);
  const byName = new Map(document.endpoints.map((endpoint) => [endpoint.name, endpoint]));

  it('is told apart from other documents', () => {
    expect(isUptimeKumaBackup(BACKUP)).toBe(true);
    expect(isUptimeKumaBackup({ endpoints: [] })).toBe(false);
    expect(isUptimeKumaBackup(null)).toBe(false);
  });

  it('takes over an HTTP monitor with all that is known of it', () => {
    expect(byName.get('Front page')).toEqual({
      name: 'Front page',
      group: 'Shop',
      url: 'https://shop.test/',
      method: 'GET',
      interval: '20s',
      timeout: '16s',
      retries: 2,
      retry_interval: '20s',
      failure_threshold: 1,
      enabled: true,
      tags: ['team:web', 'live'],
      headers: { 'X-Env': 'live' },
      auth: { type: 'basic', username: 'kuma', password: 'bear' },
      expected_status_codes: ['200-299', '301'],
      follow_redirects: 10,
      verify_tls: false,
      assertions: [{ type: 'body', operator: 'contains', value: 'Welcome' }],
    });
  });

  it('takes over the other kinds', () => {
    expect(byName.get('Front page (2)')).toMatchObject({
      kind: 'tcp',
      url: 'tcp://[2001:db8::1]:22',
      enabled: false,
    });
    expect(byName.get('Router')).toMatchObject({ kind: 'ping', url: 'ping://10.0.0.1' });
    expect(byName.get('Name')).toMatchObject({
      kind: 'dns',
      url: 'dns://shop.test',
      options: { record_type: 'MX', resolver: '1.1.1.1:53' },
    });
    expect(byName.get('Backup job')).toMatchObject({ kind: 'push', interval: '86400s' });
    expect(byName.get('DB')).toMatchObject({
      kind: 'postgres',
      url: 'postgres://db:5432/shop',
      auth: { type: 'basic', username: 'kuma', password: 'p@ss' },
      options: { query: 'SELECT 2' },
    });
    expect(byName.get('API')).toMatchObject({
      assertions: [{ type: 'json', path: '$.status', operator: 'equals', value: 'ok' }],
    });
  });

  it('says what it leaves behind', () => {
    expect(document.endpoints).toHaveLength(8);
    expect(warnings).toEqual([
      'Backup job: gets a new address to report to',
      'Broker: monitors of type mqtt have no counterpart',
      'Reversed: is upside down, which is not taken over: write an assertion instead',
      'Reversed: authenticates by ntlm, which is not taken over',
      'Front page: is there before; this one becomes Front page (2)',
    ]);
  });

  const imported = (monitor: Record<string, unknown>) => {
    const found = importUptimeKuma({
      monitorList: [{ name: 'x', type: 'http', url: 'http://x.test/', ...monitor }],
    });
    return { warnings: found.warnings, endpoint: found.document.endpoints[0] };
  };

  it.each([
    [{ maxretries: 25 }, 'its retries of 25 becomes 10', { retries: 10 }],
    [{ interval: 2_073_600 }, 'its interval of 2073600s becomes 86400s', { interval: '86400s' }],
    [{ retryInterval: 7_200 }, 'its retry interval of 7200s becomes 3600s', { retry_interval: '3600s' }],
    [{ timeout: 96 }, 'its timeout of 96s becomes 60s', { timeout: '60s' }],
    [
      { type: 'dns', hostname: 'x.test', dns_resolve_server: '1.1.1.1, 9.9.9.9' },
      'asks only one DNS server from now on, 1.1.1.1: 9.9.9.9 is left out',
      { options: { resolver: '1.1.1.1:53' } },
    ],
  ])('says what it makes smaller: %j', (monitor, words, endpoint) => {
    const found = imported(monitor);
    expect(found.warnings).toEqual([expect.stringContaining(words)]);
    expect(found.endpoint).toMatchObject(endpoint);
  });

  it('says why a connection string cannot be read', () => {
    const monitor = { type: 'postgres', databaseConnectionString: 'Host=db;Username=kuma;Password=bear' };
    expect(imported(monitor).warnings).toEqual([
      expect.stringMatching(/^x: its connection string is not a URL/),
    ]);
  });

  it('keeps credentials in an address where they are secret', () => {
    expect(imported({ url: 'http://u:p%40@x.test/a' }).endpoint).toMatchObject({
      url: 'http://x.test/a',
      auth: { type: 'basic', username: 'u', password: 'p@' },
    });
  });

  it.each([
    [{}, { 'Content-Type': 'application/json' }],
    [{ httpBodyEncoding: 'json' }, { 'Content-Type': 'application/json' }],
    [{ httpBodyEncoding: 'form' }, { 'Content-Type': 'application/x-www-form-urlencoded' }],
    [{ headers: '{"content-type": "text/plain"}' }, { 'content-type': 'text/plain' }],
  ])('says what a body is, as Uptime Kuma does: %j', (monitor, headers) => {
    expect(imported({ method: 'POST', body: '{}', ...monitor }).endpoint!['headers']).toEqual(headers);
    expect(imported({}).endpoint).not.toHaveProperty('headers');
  });

  it('survives nonsense', () => {
    expect(importUptimeKuma({ monitorList: [null, 3, {}, { type: 'http' }] }).warnings).toHaveLength(3);
  });
});

const GATUS = {
  endpoints: [
    {
      name: 'front',
      group: 'core',
      url: 'https://shop.test/health',
      interval: '1m30s',
      headers: { 'X-Env': 'live' },
      client: { insecure: true, timeout: '5s', 'ignore-redirect': true },
      alerts: [{ type: 'slack', 'failure-threshold': 4 }],
      conditions: [
        '[STATUS] == any(200, 204)',
        '[RESPONSE_TIME] < 300',
        '[BODY].status == UP',
        '[BODY] == pat(*welcome*)',
        '[BODY].load < 5',
        'has([BODY].errors) == false',
        '[CERTIFICATE_EXPIRATION] > 48h',
        '[CONNECTED] == true',
        'len([BODY].items) > 3',
      ],
    },
    {
      name: 'status',
      url: 'http://shop.test',
      conditions: ['[STATUS] >= 200', '[STATUS] < 300', '[STATUS] == 401'],
    },
    {
      name: 'dns',
      url: '8.8.8.8',
      dns: { 'query-name': 'shop.test.', 'query-type': 'A' },
      conditions: ['[DNS_RCODE] == NOERROR', '[BODY] == 192.0.2.7'],
    },
    { name: 'ping', url: 'icmp://router.test', conditions: ['[CONNECTED] == true'] },
    { name: 'shell', url: 'ssh://host.test', conditions: ['[CONNECTED] == true'] },
  ],
  'external-endpoints': [{ name: 'job', group: 'core', token: 'x', heartbeat: { interval: '30m' } }],
  maintenance: {
    start: '23:30',
    duration: '1h30m',
    timezone: 'Europe/Berlin',
    every: ['Monday', 'Thursday'],
  },
  alerting: { slack: {} },
};

describe('importing a configuration of Gatus', () => {
  const { document, warnings } = importGatus(GATUS);
  const byName = new Map(document.endpoints.map((endpoint) => [endpoint.name, endpoint]));

  it('is told apart from other documents', () => {
    expect(isGatusConfiguration(GATUS)).toBe(true);
    expect(isGatusConfiguration({ endpoints: [{ name: 'x', url: 'https://x.test' }] })).toBe(false);
  });

  it('turns conditions into codes and assertions', () => {
    expect(byName.get('front')).toEqual({
      name: 'front',
      kind: 'http',
      group: 'core',
      url: 'https://shop.test/health',
      interval: '90s',
      timeout: '5s',
      verify_tls: false,
      failure_threshold: 4,
      follow_redirects: 0,
      headers: { 'X-Env': 'live' },
      expected_status_codes: ['200', '204'],
      assertions: [
        { type: 'response_time', operator: 'less_than', value: 300 },
        { type: 'json', path: '$.status', operator: 'equals', value: 'UP' },
        { type: 'body', operator: 'matches', value: '^[\\s\\S]*welcome[\\s\\S]*$' },
        { type: 'json', path: '$.load', operator: 'less_than', value: 5 },
        { type: 'json', path: '$.errors', operator: 'not_exists' },
        { type: 'certificate_days', operator: 'greater_than', value: 2 },
      ],
    });
    expect(byName.get('status')).toMatchObject({ expected_status_codes: ['200-299'] });
  });

  it('takes over the other kinds, heartbeats and the maintenance window', () => {
    expect(byName.get('dns')).toMatchObject({
      kind: 'dns',
      url: 'dns://shop.test',
      options: { record_type: 'A', resolver: '8.8.8.8:53', expected: ['192.0.2.7'] },
    });
    expect(byName.get('ping')).toMatchObject({ kind: 'ping', url: 'ping://router.test' });
    expect(byName.get('job')).toEqual({ name: 'job', kind: 'push', group: 'core', interval: '1800s' });
    expect(document.maintenance).toEqual([
      {
        title: 'Maintenance',
        all_endpoints: true,
        cron: '30 23 * * MON,THU',
        duration: '5400s',
        time_zone: 'Europe/Berlin',
      },
    ]);
  });

  it('says what it leaves behind', () => {
    expect(warnings).toEqual([
      'front: the condition len([BODY].items) > 3 is not taken over',
      'status: the condition [STATUS] == 401 is not taken over',
      'shell: ssh://host.test has no counterpart',
      'job: gets a new address to report to',
      'alerting: channels are not taken over',
    ]);
  });

  describe('of single endpoints', () => {
    const imported = (endpoint: Record<string, unknown>) => {
      const found = importGatus({ endpoints: [{ name: 'x', conditions: [], ...endpoint }] });
      return { ...found, endpoint: found.document.endpoints[0] };
    };
    const dns = (type: string, condition: string) => {
      const { endpoint } = imported({
        url: '8.8.8.8',
        dns: { 'query-name': 'shop.test', 'query-type': type },
        conditions: [condition],
      });
      const [assertion] = (endpoint?.['assertions'] ?? []) as { value: string }[];
      return { options: endpoint?.['options'], pattern: new RegExp(assertion!.value) };
    };

    it('lets one record of any() be enough', () => {
      const { options, pattern } = dns('A', '[BODY] == any(192.0.2.1, 192.0.2.2)');
      expect(options).not.toHaveProperty('expected');
      expect(pattern.test('192.0.2.2')).toBe(true);
      expect(pattern.test('192.0.2.9\n192.0.2.1')).toBe(true);
      expect(pattern.test('192.0.2.10')).toBe(false);
    });

    it('looks for names as they are shown here', () => {
      expect(dns('MX', '[BODY] == Mail.shop.test.').pattern.test('10 mail.shop.test')).toBe(true);
      expect(dns('A', '[BODY] == pat(192.0.2.*)').pattern.test('198.51.100.1\n192.0.2.1')).toBe(true);
    });

    it.each(['tcp://a.test:1', 'ws://a.test/'])('sends the body to %s', (url) => {
      expect(imported({ url, body: 'PING' }).endpoint).toMatchObject({ options: { send: 'PING' } });
    });

    it('asks for TLS in SMTP where Gatus does', () => {
      expect(imported({ url: 'starttls://mail.test:587' }).endpoint).toMatchObject({
        kind: 'tls',
        url: 'tls://mail.test:587',
        options: { starttls: 'smtp' },
      });
    });

    it('leaves out a timeout of none', () => {
      expect(imported({ url: 'http://a.test', client: { timeout: '0s' } }).endpoint).not.toHaveProperty(
        'timeout',
      );
    });

    it.each([
      [{ url: 'http://a.test', graphql: true }, 'graphql'],
      [{ url: 'http://a.test', 'maintenance-windows': [{ start: '1:00' }] }, 'maintenance-windows'],
      [{ url: 'tls://a.test:1', body: 'x' }, 'body has no use in kind tls'],
    ])('warns about %j', (endpoint, words) => {
      expect(imported(endpoint).warnings).toEqual([expect.stringContaining(words)]);
    });
  });
});
