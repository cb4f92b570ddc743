import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { DirectRoute } from './direct-route.js';

/** Pages of which origins may call: any, none, or these. */
export type OriginPolicy = boolean | readonly string[];

const NONE: OutgoingHttpHeaders = Object.freeze({});
const DAY_S = 86_400;

/** What a browser needs to be told before a page of another origin may send, or read an answer (WHATWG Fetch, CORS protocol). */
export function crossOriginHeaders(
  route: DirectRoute,
  { method, headers: { origin, ...asked } }: IncomingMessage,
  policy: OriginPolicy,
): OutgoingHttpHeaders {
  if (origin === undefined) return NONE;
  const allowed = route.anyOrigin ? '*' : allowedOrigin(origin, policy);
  if (allowed === undefined) return { Vary: 'Origin' };
  const headers: OutgoingHttpHeaders = {
    'Access-Control-Allow-Origin': allowed,
    'Cross-Origin-Resource-Policy': 'cross-origin',
  };
  if (allowed !== '*') headers['Vary'] = 'Origin';
  if (Array.isArray(policy) && !route.anyOrigin) headers['Access-Control-Allow-Credentials'] = 'true';
  if (route.exposedHeaders) headers['Access-Control-Expose-Headers'] = route.exposedHeaders.join(', ');
  if (method !== 'OPTIONS') return headers;
  headers['Access-Control-Allow-Methods'] = 'POST';
  headers['Access-Control-Max-Age'] = DAY_S;
  const wanted = route.allowedHeaders?.join(', ') ?? asked['access-control-request-headers'];
  if (wanted) headers['Access-Control-Allow-Headers'] = wanted;
  return headers;
}

function allowedOrigin(origin: string, policy: OriginPolicy): string | undefined {
  if (typeof policy === 'boolean') return policy ? '*' : undefined;
  return policy.includes(origin) ? origin : undefined;
}
