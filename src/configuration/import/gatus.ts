import {
  asList,
  asRecord,
  asText,
  compact,
  type Imported,
  type ImportedEndpoint,
  uniqueNames,
} from './imported.js';
import type { RecordType } from '../../modules/monitoring/checkers/dns-records.js';
import { durationOf } from './go-duration.js';
import { type GatusConditions, readConditions } from './gatus-conditions.js';

/** Whether a document is a configuration of Gatus: its endpoints have conditions. */
export function isGatusConfiguration(document: unknown): boolean {
  const { endpoints, services } = asRecord(document);
  return asList(endpoints ?? services).some((endpoint) => 'conditions' in asRecord(endpoint));
}

/** Takes over endpoints, external endpoints and the maintenance window. Alerts stay behind: channels differ. */
export function importGatus(configuration: unknown): Imported {
  const { endpoints, services, maintenance, ...rest } = asRecord(configuration);
  const warnings: string[] = [];
  const watched = asList(endpoints ?? services)
    .map(asRecord)
    .flatMap((endpoint) => endpointOf(endpoint, warnings));
  const reported = asList(rest['external-endpoints'])
    .map(asRecord)
    .map((endpoint) => externalOf(endpoint, warnings));
  if (rest['alerting']) warnings.push('alerting: channels are not taken over');
  const window = maintenanceOf(asRecord(maintenance));
  return {
    document: {
      version: 1,
      endpoints: uniqueNames([...watched, ...reported], warnings),
      ...(window && { maintenance: [window] }),
    },
    warnings,
  };
}

function endpointOf(endpoint: Record<string, unknown>, warnings: string[]): ImportedEndpoint[] {
  const name = asText(endpoint['name']) ?? 'Unnamed';
  const address = addressOf(endpoint);
  if (!address) {
    warnings.push(`${name}: ${asText(endpoint['url']) ?? 'no url'} has no counterpart`);
    return [];
  }
  const conditions = readConditions(asList(endpoint['conditions']).map(String), recordTypeOf(address));
  warnings.push(
    ...conditions.left.map((condition) => `${name}: the condition ${condition} is not taken over`),
  );
  warnings.push(...losses(endpoint, address).map((loss) => `${name}: ${loss}`));
  return [{ name, ...common(endpoint), ...address, ...judged(conditions, address) }];
}

function common(endpoint: Record<string, unknown>): Record<string, unknown> {
  const client = asRecord(endpoint['client']);
  return compact({
    group: asText(endpoint['group']),
    interval: durationOf(endpoint['interval']),
    timeout: timeoutOf(client['timeout']),
    enabled: endpoint['enabled'] === false ? false : undefined,
    verify_tls: client['insecure'] === true ? false : undefined,
    failure_threshold: thresholdOf(endpoint['alerts']),
  });
}

/** In Go, none at all. */
function timeoutOf(text: unknown): string | undefined {
  const timeout = durationOf(text);
  return timeout === '0s' ? undefined : timeout;
}

/** Settings that are not taken over, for the person who has to look at them. */
function losses(endpoint: Record<string, unknown>, { kind }: Address): string[] {
  const found = [
    endpoint['graphql'] === true ? 'graphql is not taken over: write the query as JSON into body' : '',
    asList(endpoint['maintenance-windows']).length > 0
      ? 'maintenance-windows of an endpoint are not taken over: declare them under maintenance'
      : '',
    asText(endpoint['body']) && kind !== 'http' && !SENDING.has(kind)
      ? `body has no use in kind ${kind}`
      : '',
  ];
  return found.filter(Boolean);
}

type Address = { kind: string; url: string } & Record<string, unknown>;

/** Schemes that mean the same here. */
const SCHEMES: Readonly<Record<string, string>> = {
  'http:': 'http',
  'https:': 'http',
  'tcp:': 'tcp',
  'tls:': 'tls',
  'ws:': 'websocket',
  'wss:': 'websocket',
};

/** Kinds that send the body of a Gatus endpoint as it is. */
const SENDING: ReadonlySet<string> = new Set(['tcp', 'websocket']);

function addressOf(endpoint: Record<string, unknown>): Address | undefined {
  const text = asText(endpoint['url']) ?? '';
  if (endpoint['dns']) return dnsAddress(asRecord(endpoint['dns']), text);
  if (text.startsWith('icmp://')) return { kind: 'ping', url: text.replace('icmp://', 'ping://') };
  // Gatus speaks SMTP there, whatever the port.
  if (text.startsWith('starttls://')) {
    return { kind: 'tls', url: text.replace('starttls://', 'tls://'), options: { starttls: 'smtp' } };
  }
  const scheme = /^[a-z]+:/.exec(text)?.[0] ?? '';
  const kind = SCHEMES[scheme];
  if (!kind) return undefined;
  if (kind === 'http') return httpAddress(endpoint, text);
  const send = SENDING.has(kind) ? asText(endpoint['body']) : undefined;
  return { kind, url: text, ...(send !== undefined && { options: { send } }) };
}

function httpAddress(endpoint: Record<string, unknown>, url: string): Address {
  const headers = Object.entries(asRecord(endpoint['headers'])).map(([name, value]) => [name, String(value)]);
  return {
    kind: 'http',
    url,
    ...compact({
      method: asText(endpoint['method']),
      body: asText(endpoint['body']),
      headers: headers.length > 0 ? Object.fromEntries(headers) : undefined,
      follow_redirects: asRecord(endpoint['client'])['ignore-redirect'] === true ? 0 : undefined,
    }),
  };
}

function dnsAddress(dns: Record<string, unknown>, resolver: string): Address {
  return {
    kind: 'dns',
    url: `dns://${(asText(dns['query-name']) ?? '').replace(/\.$/, '')}`,
    options: compact({
      record_type: asText(dns['query-type']),
      resolver: resolver.includes(':') ? resolver : `${resolver}:53`,
    }),
  };
}

function recordTypeOf({ kind, options }: Address): RecordType | undefined {
  return kind === 'dns' ? ((asText(asRecord(options)['record_type']) ?? 'A') as RecordType) : undefined;
}

function judged({ codes, expected, assertions }: GatusConditions, address: Address): Record<string, unknown> {
  return compact({
    expected_status_codes: address.kind === 'http' && codes.length > 0 ? codes : undefined,
    options:
      address.kind === 'dns' && expected.length > 0
        ? { ...asRecord(address['options']), expected }
        : address['options'],
    assertions: assertions.length > 0 ? assertions : undefined,
  });
}

function externalOf(endpoint: Record<string, unknown>, warnings: string[]): ImportedEndpoint {
  const name = asText(endpoint['name']) ?? 'Unnamed';
  warnings.push(`${name}: gets a new address to report to`);
  return {
    name,
    kind: 'push',
    ...compact({
      group: asText(endpoint['group']),
      interval: durationOf(asRecord(endpoint['heartbeat'])['interval']),
    }),
  };
}

/** Gatus has one window: a start, a length, and days of the week. */
function maintenanceOf(window: Record<string, unknown>): Record<string, unknown> | undefined {
  const [hour, minute] = (asText(window['start']) ?? '').split(':').map(Number);
  if (window['enabled'] === false || hour === undefined || minute === undefined) return undefined;
  const days = asList(window['every']).map((day) => String(day).slice(0, 3).toUpperCase());
  return {
    title: 'Maintenance',
    all_endpoints: true,
    cron: `${minute} ${hour} * * ${days.length > 0 ? days.join(',') : '*'}`,
    duration: durationOf(window['duration']) ?? '1h',
    time_zone: asText(window['timezone']) ?? 'UTC',
  };
}

function thresholdOf(alerts: unknown): number | undefined {
  const thresholds = asList(alerts)
    .map((alert) => Number(asRecord(alert)['failure-threshold']))
    .filter((threshold) => Number.isInteger(threshold) && threshold > 0);
  return thresholds.length > 0 ? Math.min(...thresholds) : undefined;
}
