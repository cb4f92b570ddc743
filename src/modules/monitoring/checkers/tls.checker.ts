import { z } from 'zod';
import type { Checker } from './checker.js';
import { startTls, STARTTLS_PROTOCOLS } from './starttls.js';
import { addressOf } from './target-address.js';
import { TLS_SECRETS, tlsOptions, tlsSettings } from './tls-options.js';

const SCHEMES = { 'tls:': 443 };

const options = z.strictObject({
  starttls: z
    .enum(['none', ...STARTTLS_PROTOCOLS])
    .default('none')
    .describe('The protocol in which TLS is asked for, for servers that begin without it.'),
  ...tlsOptions,
});

export type TlsCheckOptions = z.output<typeof options>;

/** A TLS handshake: its certificate must be trusted and valid for the host, unless `verify_tls` is off. */
export const tlsChecker: Checker<TlsCheckOptions> = {
  schemes: SCHEMES,
  options,
  secret_options: [...TLS_SECRETS],
  auth: [],
  asserts: ['certificate_days'],
  async probe(target, attempt) {
    const { starttls } = target.options;
    const settings = tlsSettings(target);
    const address = addressOf(target.url, SCHEMES);
    if (starttls === 'none') {
      await attempt.connect(address, settings);
    } else {
      const socket = await attempt.connect(address);
      await startTls(starttls, socket, attempt);
      await attempt.secure(socket, settings);
    }
    return { failure: null };
  },
};
