/** What another tool’s configuration becomes: a document as `apply` takes it, and what could not be taken over. */
export interface Imported {
  document: { version: 1; endpoints: ImportedEndpoint[]; maintenance?: Record<string, unknown>[] };
  /** For a person, each naming what it is about. */
  warnings: string[];
}

/** An endpoint in the words of the configuration file. */
export type ImportedEndpoint = { name: string } & Record<string, unknown>;

/** Names are unique here, and were not there: a second `API` becomes `API (2)`, and a warning says so. */
export function uniqueNames(endpoints: readonly ImportedEndpoint[], warnings: string[]): ImportedEndpoint[] {
  const taken = new Set<string>();
  return endpoints.map((endpoint) => {
    let name = endpoint.name;
    for (let number = 2; taken.has(name); number++) name = `${endpoint.name} (${number})`;
    if (name !== endpoint.name) warnings.push(`${endpoint.name}: is there before; this one becomes ${name}`);
    taken.add(name);
    return { ...endpoint, name };
  });
}

/** Credentials in an address; here they stand apart, where they are kept secret. */
export function withoutCredentials(text: string | undefined): { url: string | undefined; auth?: unknown } {
  if (text === undefined || !URL.canParse(text)) return { url: text };
  const url = new URL(text);
  const { username, password } = url;
  if (username === '' && password === '') return { url: text };
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    auth: { type: 'basic', username: decoded(username), password: decoded(password) },
  };
}

/** A lone `%` is one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Leaves out what is undefined, so that defaults apply. */
export function compact(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}
