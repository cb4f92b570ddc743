import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { AddressGuard } from '../../../src/common/outgoing/address-guard.js';
import { GuardedResolver } from '../../../src/common/outgoing/guarded-resolver.js';
import { assertionSchema } from '../../../src/modules/monitoring/checkers/assertions.js';
import type { CheckTarget } from '../../../src/modules/monitoring/checkers/checker.js';
import { httpChecker, type HttpOptions } from '../../../src/modules/monitoring/checkers/http.checker.js';
import { measure } from '../../../src/modules/monitoring/checkers/measure.js';
import { type LocalServer, startHttp } from '../monitoring/local-server.js';

const TARGET: Omit<CheckTarget<HttpOptions>, 'url'> = {
  options: { max_body_kb: 1, http_version: '1.1' },
  assertions: [],
  method: 'GET',
  headers: {},
  body: null,
  auth: null,
  timeout_ms: 5_000,
  expected_status_codes: ['200-299'],
  follow_redirects: 5,
  verify_tls: true,
};

describe('what conditions see of an answer over HTTP', () => {
  const resolver = new GuardedResolver(new AddressGuard({ ALLOW_PRIVATE_TARGETS: true }));
  let server: LocalServer;
  let answer: { headers?: Record<string, string>; body: Buffer | string };
  beforeAll(async () => {
    server = await startHttp((request, response) => {
      if (request.url === '/echo') return response.end(JSON.stringify(request.headers));
      return response.writeHead(200, answer.headers).end(answer.body);
    });
  });
  afterAll(() => server.close());

  const check = async (assertion: object, more: Partial<CheckTarget<HttpOptions>> = {}, path = '') => {
    const assertions = [assertionSchema.parse(assertion)];
    const target = { ...TARGET, ...more, url: server.url + path, assertions };
    const { ok, error } = await measure(httpChecker, target, resolver);
    return ok ? 'good' : error;
  };
  const says = (operator: string, value: string) => ({ type: 'body', operator, value });

  it.each([
    ['gzip', gzipSync('all is well')],
    ['X-GZIP', gzipSync('all is well')],
    ['deflate', deflateSync('all is well')],
    ['deflate', deflateRawSync('all is well')],
    ['br', brotliCompressSync('all is well')],
    ['identity', 'all is well'],
    ['gzip, br', brotliCompressSync(gzipSync('all is well'))],
  ])('decodes %s', async (encoding, body) => {
    answer = { headers: { 'Content-Encoding': encoding }, body };
    expect(await check(says('equals', 'all is well'))).toBe('good');
  });

  it.each([
    ['gzip', 'plain', 'The answer says that it is encoded as gzip, but cannot be decoded'],
    ['gzip', gzipSync('all is well').subarray(0, 15), /cannot be decoded/],
    ['zstd', 'plain', 'The answer is encoded as zstd, which nobody here can read'],
    ['br, br, br, br', 'plain', 'The answer is encoded more than 3 times'],
  ])('fails for %s that is none', async (encoding, body, words) => {
    answer = { headers: { 'Content-Encoding': encoding }, body };
    expect(await check(says('not_contains', 'error'))).toEqual(
      typeof words === 'string' ? words : expect.stringMatching(words),
    );
  });

  it.each([
    ['iso-8859-1', Buffer.from('Grüße', 'latin1')],
    ['"utf-16le"', Buffer.from('Grüße', 'utf16le')],
    ['UTF-8', 'Grüße'],
    ['klingon', 'Grüße'],
  ])('reads charset %s', async (charset, body) => {
    answer = { headers: { 'Content-Type': `text/plain; charset=${charset}` }, body };
    expect(await check(says('equals', 'Grüße'))).toBe('good');
  });

  const cut = 'The answer is larger than 1 KiB, only its beginning was read';
  it.each([
    ['contains', 'begin', 'good'],
    ['contains', 'the end', cut],
    ['not_contains', 'the end', cut],
    ['not_contains', 'begin', 'The answer contains "begin"'],
    ['not_equals', 'x', cut],
    ['matches', '^begin', 'good'],
    ['matches', 'x$', cut],
    ['matches', '^(?!.*the end)', cut],
  ])('says what the beginning tells: %s %s', async (operator, value, expected) => {
    for (const [encoding, encode] of [
      ['identity', Buffer.from],
      ['gzip', gzipSync],
    ] as const) {
      const text = `begin${'x'.repeat(2_000)}the end`;
      answer = { headers: { 'Content-Encoding': encoding }, body: encode(text) };
      expect(await check(says(operator, value))).toBe(expected);
    }
  });

  it('takes the beginning of JSON for nothing else', async () => {
    answer = { body: JSON.stringify({ status: 'up', rest: 'x'.repeat(2_000) }) };
    const assertion = { type: 'json', path: '$.status', operator: 'equals', value: 'up' };
    expect(await check(assertion)).toBe(cut);
    const options = { ...TARGET.options, max_body_kb: 4 };
    expect(await check(assertion, { options })).toBe('good');
  });

  it('decodes the beginning of what was cut off, and no more of a bomb than is wanted', async () => {
    const noise = Array.from({ length: 500 }, (_, line) => `line ${line * 7919}`).join('\n');
    answer = { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(noise) };
    expect(await check(says('contains', 'line 7919'))).toBe('good');
    answer = { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(Buffer.alloc(900_000, 'x')) };
    expect(await check(says('contains', 'xxx'))).toBe('good');
  });

  it('shows no secret that the server echoes', async () => {
    const auth = { type: 'bearer', token: 'very-secret' } as const;
    const path = { type: 'json', path: '$.authorization', operator: 'equals', value: 'no' };
    expect(await check(path, { auth }, 'echo')).toBe('$.authorization is not "no", but "Bearer [hidden]"');
  });
});
