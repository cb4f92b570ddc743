import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { AddressGuard } from '../../../src/common/outgoing/address-guard.js';
import { GuardedResolver } from '../../../src/common/outgoing/guarded-resolver.js';
import type { Checker, CheckTarget, Measurement } from '../../../src/modules/monitoring/checkers/checker.js';
import { measure } from '../../../src/modules/monitoring/checkers/measure.js';

/** Names that only these tests know; each asking takes the next answer, the last one stays. */
export type Names = Record<string, string[][]>;

export const APP: Names = { 'app.test': [['127.0.0.1']] };

/** A resolver that knows nothing but `names`, behind a real guard. */
export function resolverOf(
  names: Names = APP,
  allowPrivate = true,
  guard = new AddressGuard({ ALLOW_PRIVATE_TARGETS: allowPrivate }),
): GuardedResolver {
  const resolver = new GuardedResolver(guard);
  const asked = new Map<string, number>();
  resolver.resolveName = async (name) => {
    const answers = names[name];
    if (!answers) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
    const times = asked.get(name) ?? 0;
    asked.set(name, times + 1);
    return answers[Math.min(times, answers.length - 1)]!.map((address) => ({
      address,
      family: isIP(address),
    }));
  };
  return resolver;
}

/** What a test says about an endpoint; `options` and `assertions` as a person gives them. */
export type Asked = Partial<Omit<CheckTarget, 'options'>> & { options?: object; resolver?: GuardedResolver };

/** Checks `url` once, as an endpoint with the defaults of its kind. */
export function check<Options extends object>(
  checker: Checker<Options>,
  url: string,
  { options = {}, resolver = resolverOf(), ...rest }: Asked = {},
): Promise<Measurement> {
  const target: CheckTarget<Options> = {
    url,
    method: 'GET',
    headers: {},
    body: null,
    auth: null,
    timeout_ms: 5_000,
    expected_status_codes: ['200-299'],
    follow_redirects: 5,
    verify_tls: true,
    assertions: [],
    ...rest,
    options: checker.options.parse(options),
  };
  return measure(checker, target, resolver);
}

type CertificateName = 'valid' | 'elsewhere' | 'expired' | 'future' | 'client';

export const CA = pem('ca.crt');

/** A certificate that {@link CA} has signed, and its key. */
export function certificate(name: CertificateName): { cert: string; key: string } {
  return { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
}

export function pem(file: string): string {
  return readFileSync(new URL(`certificates/${file}`, import.meta.url), 'utf8');
}
