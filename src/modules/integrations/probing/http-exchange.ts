import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { type ProbeContext, ProbeFailure } from './probe-context.js';

const MAX_BODY_BYTES = 64 * 1024;
const USER_AGENT = 'Watchkeep (integration probe)';
const TOO_MANY_REQUESTS = 429;

export interface Exchange {
  url: URL;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  verify_tls?: boolean;
}

export interface ExchangeAnswer {
  status: number;
  text: string;
  /** Undefined when the answer is no JSON object. */
  json: Record<string, unknown> | undefined;
}

/**
 * One request on a fresh connection, to an address that the guard lets through. Redirects are not followed: they would
 * carry credentials to somewhere that nobody configured.
 * @throws ProbeFailure for a redirect, and for an answer that says to ask less often or that the server is broken
 */
export async function exchange(wanted: Exchange, context: ProbeContext): Promise<ExchangeAnswer> {
  const { host } = wanted.url;
  context.stage(`waiting for the answer of ${host}`);
  const { status, text, location } = await send(wanted, context);
  if (status >= 300 && status < 400) {
    throw new ProbeFailure(`${host} redirects (${status}) to ${originOf(location)}, which is not followed`);
  }
  if (status === TOO_MANY_REQUESTS) {
    throw new ProbeFailure(`Not measured: ${host} says that it is asked too often (429)`, true);
  }
  if (status >= 500) throw new ProbeFailure(`${host} is out of order: it answers ${status}`);
  return { status, text, json: parseObject(text) };
}

interface RawAnswer {
  status: number;
  text: string;
  location: string | undefined;
}

function send(wanted: Exchange, { resolver, signal }: ProbeContext): Promise<RawAnswer> {
  const { url, verify_tls = true } = wanted;
  const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
  const options: RequestOptions = {
    method: wanted.method ?? 'GET',
    headers: {
      Accept: 'application/json',
      'User-Agent': USER_AGENT,
      ...(body !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      }),
      ...wanted.headers,
    },
    agent: false,
    lookup: resolver.lookup,
    rejectUnauthorized: verify_tls,
    signal,
  };
  return new Promise((resolve, reject) => {
    resolver.assertHostAllowed(url.hostname);
    const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
    request.on('error', reject);
    readAnswer(request, resolve, reject);
    request.end(body);
  });
}

/** At most {@link MAX_BODY_BYTES} of it: a probe must not become a download. */
function readAnswer(
  request: ClientRequest,
  resolve: (answer: RawAnswer) => void,
  reject: (error: Error) => void,
): void {
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (): void =>
      resolve({
        status: response.statusCode!,
        text: Buffer.concat(chunks).toString('utf8'),
        location: response.headers.location,
      });
    response.on('error', reject);
    response.on('end', finish);
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) return;
      finish();
      request.destroy();
    });
  });
}

/** Not the whole address: what a server puts there may hold credentials. */
function originOf(location: string | undefined): string {
  if (location === undefined) return 'nowhere';
  return /^https?:/i.test(location) && URL.canParse(location) ? new URL(location).origin : 'another path';
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
