import type { ApiClient } from '../../support/api-client.js';

export const KEY_IN_DSN = /^http:\/\/([\da-f]{32})@localhost:\d+\/(\d+)$/;

export interface Sent {
  status: number;
  body: { id?: string; detail?: string };
  headers: Headers;
}

/** Makes a project, and answers what its DSN says. */
export async function makeProject(
  client: ApiClient,
  name: string,
  more: object = {},
): Promise<{ id: string; key: string; number: string }> {
  const { status, body } = await client.post('/api/projects', { name, ...more });
  if (status !== 201) throw new Error(JSON.stringify(body));
  const [, key, number] = KEY_IN_DSN.exec(body.data.dsn)!;
  return { id: body.data.id, key: key!, number: number! };
}

export async function sendTo(
  url: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const response = await fetch(url, { method: 'POST', body, headers });
  return {
    status: response.status,
    body: (await response.json()) as Sent['body'],
    headers: response.headers,
  };
}

/** An envelope with one event, and further lines. */
export function envelope(event: unknown, header: object = {}, ...more: string[]): string {
  return [JSON.stringify(header), '{"type":"event"}', JSON.stringify(event), ...more].join('\n');
}
