import { asRecord } from './imported.js';

/** A monitor in a backup. */
export type Monitor = Record<string, unknown>;

/** Headers of a monitor, which are JSON; undefined when there are none, or when they are not. */
export function headersOf(text: unknown): Record<string, string> | undefined {
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  try {
    const headers = asRecord(JSON.parse(text));
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  } catch {
    return undefined;
  }
}

/** DNS servers that a monitor asks. */
export function resolversOf(monitor: Monitor): string[] {
  const text = monitor['dns_resolve_server'];
  return typeof text === 'string'
    ? text
        .split(',')
        .map((server) => server.trim())
        .filter(Boolean)
    : [];
}
