import { asText } from './imported.js';
import { headersOf, type Monitor, resolversOf } from './uptime-kuma-monitor.js';

/** A number of a monitor, and what becomes of it. */
interface TakenNumber {
  given: number;
  taken: number;
}

const NUMBERS = {
  maxretries: { from: 0, to: 10, otherwise: 0 },
  interval: { from: 1, to: 86_400, otherwise: 60 },
  retryInterval: { from: 1, to: 3_600, otherwise: 60 },
  timeout: { from: 1, to: 60, otherwise: 48 },
} as const;

/** Numbers of a monitor within what is possible here; times in seconds. */
export function numbersOf(monitor: Monitor): Record<keyof typeof NUMBERS, TakenNumber> {
  return Object.fromEntries(
    Object.entries(NUMBERS).map(([field, { from, to, otherwise }]) => {
      const given = Number(monitor[field]) || otherwise;
      return [field, { given, taken: Math.min(to, Math.max(from, Math.round(given))) }];
    }),
  ) as Record<keyof typeof NUMBERS, TakenNumber>;
}

/** Why there is nothing to take over. */
export function unusable(monitor: Monitor): string {
  const type = String(monitor['type']);
  if (type !== 'postgres' && type !== 'redis') return `monitors of type ${type} have no counterpart`;
  return `its connection string is not a URL, such as ${type}://host/ : write the endpoint by hand`;
}

/** Settings that are not taken over, for the person who has to look at them. */
export function lossesOf(monitor: Monitor): string[] {
  const { maxretries, interval, retryInterval, timeout } = numbersOf(monitor);
  const method = asText(monitor['authMethod']) ?? 'basic';
  const [resolver, ...others] = monitor['type'] === 'dns' ? resolversOf(monitor) : [];
  const found = [
    ...(monitor['type'] === 'push'
      ? []
      : [
          bounded('retries', maxretries),
          bounded('timeout', timeout, 's'),
          bounded('retry interval', retryInterval, 's'),
        ]),
    bounded('interval', interval, 's'),
    others.length > 0
      ? `asks only one DNS server from now on, ${resolver}: ${others.join(', ')} is left out`
      : '',
    monitor['upsideDown'] ? 'is upside down, which is not taken over: write an assertion instead' : '',
    monitor['type'] === 'push' ? 'gets a new address to report to' : '',
    monitor['proxyId'] ? 'uses a proxy: add it to options.proxy' : '',
    method !== 'basic' ? `authenticates by ${method}, which is not taken over` : '',
    asText(monitor['headers'])?.trim() && !headersOf(monitor['headers'])
      ? 'has headers that are not JSON'
      : '',
  ];
  return found.filter(Boolean);
}

function bounded(what: string, { given, taken }: TakenNumber, unit = ''): string {
  return given === taken
    ? ''
    : `its ${what} of ${given}${unit} becomes ${taken}${unit}, as far as it goes here`;
}
