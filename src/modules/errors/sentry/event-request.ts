import { isObject } from '../../../common/is-object.js';
import { type Given, mapOf, nameOf, objectOf } from './given.js';

const MAX_URL = 2_048;
const MAX_AGENT = 512;

/** The request that an event happened in. Headers and cookies are maps, so that their names say which are secret. */
export function requestOf(event: Given): Given | null {
  const given = objectOf(event['request']);
  if (!given) return null;
  const { headers, cookies, env, query_string, ...rest } = given;
  return {
    ...rest,
    ...(query_string !== undefined && { query_string: mapOf(query_string) ?? query_string }),
    ...(headers !== undefined && { headers: mapOf(headers) ?? null }),
    ...(cookies !== undefined && { cookies: mapOf(cookies) ?? cookiesOf(cookies) }),
    ...(env !== undefined && { env: mapOf(env) ?? null }),
  };
}

/** Address and method alone, for lists. */
export function requestLine(request: Given | null): { url: string | null; method: string | null } {
  return { url: nameOf(request?.['url'], MAX_URL), method: nameOf(request?.['method'], 32) };
}

export function userAgentOf(request: Given | null): string | null {
  const headers = request?.['headers'];
  if (!isObject(headers)) return null;
  const name = Object.keys(headers).find((each) => each.toLowerCase() === 'user-agent');
  return name === undefined ? null : nameOf(headers[name], MAX_AGENT);
}

/** `a=1; b=2` */
function cookiesOf(header: unknown): Given | null {
  if (typeof header !== 'string') return null;
  const pairs = header.slice(0, 8_192).split(';', 100);
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair.trim(), ''] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
    }),
  );
}
