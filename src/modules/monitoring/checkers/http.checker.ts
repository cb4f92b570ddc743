import { z } from 'zod';
import { needText } from './assertions.js';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Checker, CheckTarget } from './checker.js';
import { isExpectedStatus } from './expected-status.js';
import type { HopAnswer, HopRequest } from './exchange.js';
import { sendHop } from './hop.js';
import { proxyOption } from './proxy.js';
import { followRedirect, isRedirect } from './redirects.js';
import { requestHeaders } from './request-headers.js';
import { TLS_SECRETS, tlsOptions, tlsSettings, tlsSettingsElsewhere } from './tls-options.js';

const schema = z.strictObject({
  max_body_kb: z
    .int()
    .min(1)
    .max(10_240)
    .default(1_024)
    .describe('How much of an answer is read, in KiB; the rest is left.'),
  http_version: z
    .enum(['1.1', '2'])
    .default('1.1')
    .describe('`2` fails when the server does not offer it; over plain http it takes it for granted.'),
  proxy: proxyOption,
  ...tlsOptions,
});

export type HttpOptions = z.output<typeof schema>;

/** An HTTP or HTTPS address: a fresh name lookup, connection and handshake each time, redirects followed. */
export const httpChecker: Checker<HttpOptions> = {
  schemes: { 'http:': 80, 'https:': 443 },
  options: schema,
  secret_options: ['proxy', ...TLS_SECRETS],
  auth: ['basic', 'bearer'],
  asserts: ['body', 'json', 'header', 'certificate_days'],
  async probe(target, attempt) {
    const { status_code, headers, text } = await follow(target, attempt);
    const expected = target.expected_status_codes;
    const failure = isExpectedStatus(expected, status_code)
      ? null
      : `Expected ${expected.join(', ')}, got ${status_code}`;
    return { failure, status_code, headers, text };
  },
};

/** Requests until an answer is no redirect. */
async function follow(target: CheckTarget<HttpOptions>, attempt: Attempt): Promise<HopAnswer> {
  let hop = firstHop(target);
  for (let redirects = 0; ; redirects++) {
    const answer = await sendHop(hop, attempt);
    const { location } = answer.headers;
    if (target.follow_redirects === 0 || !isRedirect(answer.status_code, location)) return answer;
    if (redirects === target.follow_redirects) {
      throw new CheckFailure(`Redirected more than ${target.follow_redirects} times`);
    }
    hop = followRedirect(hop, answer.status_code, location);
  }
}

/** Made once for each target, which lasts as long as its settings. */
const FIRST_HOPS = new WeakMap<CheckTarget<HttpOptions>, HopRequest>();

function firstHop(target: CheckTarget<HttpOptions>): HopRequest {
  let hop = FIRST_HOPS.get(target);
  if (!hop) FIRST_HOPS.set(target, (hop = makeFirstHop(target)));
  return hop;
}

function makeFirstHop(target: CheckTarget<HttpOptions>): HopRequest {
  const { options } = target;
  const protocols = [options.http_version === '2' ? 'h2' : 'http/1.1'];
  const url = new URL(target.url);
  return {
    url,
    method: target.method,
    headers: requestHeaders(target, { Host: url.host, Accept: '*/*' }),
    body: target.body,
    http_version: options.http_version,
    tls: tlsSettings(target, protocols),
    tls_elsewhere: tlsSettingsElsewhere(target, protocols),
    proxy: options.proxy === undefined ? undefined : new URL(options.proxy),
    max_body_bytes: options.max_body_kb * 1_024,
    keep_text: needText(target.assertions),
  };
}
