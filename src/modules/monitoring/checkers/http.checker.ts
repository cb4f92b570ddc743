import { z } from 'zod';
import { needText } from './assertions.js';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Checker, CheckTarget } from './checker.js';
import { isExpectedStatus } from './expected-status.js';
import type { HopAnswer, HopRequest } from './exchange.js';
import { sendHop } from './hop.js';
import { readText } from './answer-body.js';
import { proxyOption } from './proxy.js';
import { followRedirect, isRedirect } from './redirects.js';
import { requestHeaders } from './request-headers.js';
import { TLS_SECRETS, tlsOptions, tlsSettings, tlsSettingsElsewhere } from './tls-options.js';

const KIB = 1_024;

const schema = z.strictObject({
  max_body_kb: z
    .int()
    .min(1)
    .max(10_240)
    .default(1_024)
    .describe('How much of an answer is read, in KiB, decoded too; the rest is left.'),
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
    const answer = await follow(target, attempt);
    const { status_code, headers } = answer;
    attempt.clock.finish();
    const expected = target.expected_status_codes;
    if (!isExpectedStatus(expected, status_code)) {
      return { failure: `Expected ${expected.join(', ')}, got ${status_code}`, status_code, headers };
    }
    const max = target.options.max_body_kb;
    try {
      const { text, is_cut } = await readText(answer, max * KIB);
      return { failure: null, status_code, headers, text, ...(is_cut && { cut_at_kb: max }) };
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      return { failure: error.message, status_code, headers };
    }
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
    max_body_bytes: options.max_body_kb * KIB,
    keep_text: needText(target.assertions),
  };
}
