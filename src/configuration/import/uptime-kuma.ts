import {
  asList,
  asRecord,
  asText,
  compact,
  type Imported,
  type ImportedEndpoint,
  uniqueNames,
} from './imported.js';

type Monitor = Record<string, unknown>;

/** Whether a document is a backup of Uptime Kuma (Settings → Backup → Export). */
export function isUptimeKumaBackup(document: unknown): boolean {
  return Array.isArray(asRecord(document)['monitorList']);
}

/** Takes over the monitors of a backup. Notifications are not in it in a form that could be sent to. */
export function importUptimeKuma(backup: unknown): Imported {
  const monitors = asList(asRecord(backup)['monitorList']).map(asRecord);
  const names = new Map(monitors.map((monitor) => [monitor['id'], asText(monitor['name'])]));
  const warnings: string[] = [];
  const endpoints = monitors.flatMap((monitor): ImportedEndpoint[] => {
    if (monitor['type'] === 'group') return [];
    const own = KINDS[String(monitor['type'])]?.(monitor);
    const name = asText(monitor['name']) ?? 'Unnamed';
    if (!own) {
      warnings.push(`${name}: monitors of type ${String(monitor['type'])} have no counterpart`);
      return [];
    }
    warnings.push(...losses(name, monitor));
    return [{ name, ...common(monitor, names), ...own }];
  });
  return { document: { version: 1, endpoints: uniqueNames(endpoints) }, warnings };
}

/** What is the same for every type. Uptime Kuma is down after `maxretries` repeats: so is an endpoint with these. */
function common(monitor: Monitor, names: ReadonlyMap<unknown, string | undefined>): Record<string, unknown> {
  const retries = Math.min(10, Number(monitor['maxretries'] ?? 0));
  return compact({
    group: names.get(monitor['parent']),
    interval: seconds(monitor['interval'], 60),
    timeout: seconds(Math.min(60, Number(monitor['timeout']) || 48), 48),
    retries,
    retry_interval: seconds(monitor['retryInterval'], 60),
    failure_threshold: 1,
    enabled: monitor['active'] !== false && monitor['active'] !== 0,
    tags: asList(monitor['tags']).map(asRecord).flatMap(tagWords),
  });
}

const KINDS: Readonly<Record<string, (monitor: Monitor) => Record<string, unknown> | undefined>> = {
  http: (monitor) => http(monitor, []),
  keyword: (monitor) =>
    http(monitor, [
      {
        type: 'body',
        operator: monitor['invertKeyword'] ? 'not_contains' : 'contains',
        value: asText(monitor['keyword']) ?? '',
      },
    ]),
  'json-query': (monitor) => {
    const path = asText(monitor['jsonPath']) ?? '$';
    const value = asText(monitor['expectedValue']) ?? '';
    return http(monitor, [
      { type: 'json', path: path.startsWith('$') ? path : `$.${path}`, operator: 'equals', value },
    ]);
  },
  port: (monitor) => ({ kind: 'tcp', url: `tcp://${bracketed(monitor)}:${Number(monitor['port'])}` }),
  ping: (monitor) => ({ kind: 'ping', url: `ping://${bracketed(monitor)}` }),
  dns: (monitor) => ({
    kind: 'dns',
    url: `dns://${asText(monitor['hostname']) ?? ''}`,
    options: compact({
      record_type: asText(monitor['dns_resolve_type']),
      resolver: resolverOf(monitor),
    }),
  }),
  push: () => ({ kind: 'push', timeout: undefined, retries: undefined, retry_interval: undefined }),
  postgres: (monitor) => database(monitor, 'postgres'),
  redis: (monitor) => database(monitor, 'redis'),
};

function http(monitor: Monitor, assertions: unknown[]): Record<string, unknown> {
  return compact({
    url: asText(monitor['url']),
    method: asText(monitor['method']),
    headers: headersOf(monitor['headers']),
    body: asText(monitor['body']),
    auth: authOf(monitor),
    expected_status_codes: monitor['accepted_statuscodes'],
    follow_redirects: monitor['maxredirects'],
    verify_tls: !monitor['ignoreTls'],
    assertions: assertions.length > 0 ? assertions : undefined,
  });
}

function authOf(monitor: Monitor): unknown {
  const username = asText(monitor['basic_auth_user']);
  if (!username || (monitor['authMethod'] && monitor['authMethod'] !== 'basic')) return undefined;
  return { type: 'basic', username, password: asText(monitor['basic_auth_pass']) ?? '' };
}

/** A connection string holds the credentials; here they stand apart, where they are kept secret. */
function database(monitor: Monitor, kind: 'postgres' | 'redis'): Record<string, unknown> | undefined {
  const text = asText(monitor['databaseConnectionString']);
  if (!text || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const query = asText(monitor['databaseQuery']);
  return compact({
    kind,
    url: url.href.replace(/\?.*$/, ''),
    auth:
      username || password
        ? { type: 'basic', username: decodeURIComponent(username), password: decodeURIComponent(password) }
        : undefined,
    options: kind === 'postgres' && query ? { query } : undefined,
  });
}

function headersOf(text: unknown): Record<string, string> | undefined {
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  try {
    const headers = asRecord(JSON.parse(text));
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  } catch {
    return undefined;
  }
}

function resolverOf(monitor: Monitor): string | undefined {
  const server = asText(monitor['dns_resolve_server'])?.split(',')[0]?.trim();
  if (!server) return undefined;
  const port = Number(monitor['port']) || 53;
  return server.includes(':') ? `[${server}]:${port}` : `${server}:${port}`;
}

function bracketed(monitor: Monitor): string {
  const host = asText(monitor['hostname']) ?? '';
  return host.includes(':') ? `[${host}]` : host;
}

function tagWords({ name, value }: Record<string, unknown>): string[] {
  const label = asText(name);
  if (!label) return [];
  const detail = asText(value);
  return [(detail ? `${label}:${detail}` : label).slice(0, 50)];
}

function seconds(value: unknown, otherwise: number): string {
  const number = Number(value) || otherwise;
  return `${Math.min(86_400, Math.max(1, Math.round(number)))}s`;
}

/** Settings that are not taken over, for the person who has to look at them. */
function losses(name: string, monitor: Monitor): string[] {
  const found = [
    monitor['upsideDown'] ? 'is upside down, which is not taken over: write an assertion instead' : '',
    monitor['type'] === 'push' ? 'gets a new address to report to' : '',
    monitor['proxyId'] ? 'uses a proxy: add it to options.proxy' : '',
    (asText(monitor['authMethod']) ?? 'basic') !== 'basic'
      ? `authenticates by ${asText(monitor['authMethod'])}, which is not taken over`
      : '',
    typeof monitor['headers'] === 'string' && monitor['headers'].trim() && !headersOf(monitor['headers'])
      ? 'has headers that are not JSON'
      : '',
  ];
  return found.filter(Boolean).map((words) => `${name}: ${words}`);
}
