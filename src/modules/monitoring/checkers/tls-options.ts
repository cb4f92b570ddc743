import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { z } from 'zod';
import type { TlsSettings } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { CheckTarget } from './checker.js';

const pem = z.string().max(100_000);

/** Options of every kind that can speak TLS. */
export const tlsOptions = {
  server_name: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/, 'must be a host name')
    .refine((name) => isIP(name) === 0, 'must be a host name, not an address')
    .optional()
    .describe(
      'The name that TLS asks for (SNI) and that the certificate must be for; by default the host of the address.',
    ),
  ca_certificate: pem
    .refine(isCertificate, 'must be certificates in PEM')
    .optional()
    .describe(
      'Certificates (PEM) to believe, and no others: of authorities, or a server’s own; by default those of the system.',
    ),
  client_certificate: z
    .strictObject({
      certificate: pem.describe('PEM, with its intermediates.'),
      key: pem.describe('Its private key, PEM.'),
      passphrase: z.string().max(1_000).optional().describe('Of the key, if it has one.'),
    })
    .refine(
      ({ certificate, key, passphrase }) => isUsable({ cert: certificate, key, passphrase }),
      'must be a certificate and its key in PEM (and the right passphrase)',
    )
    .optional()
    .describe('A certificate to show to the server. It is not shown to another origin after a redirect.'),
};

export type TlsOptions = z.output<z.ZodObject<typeof tlsOptions>>;

/** Those of {@link tlsOptions} that are kept secret. */
export const TLS_SECRETS = ['client_certificate'] as const satisfies (keyof TlsOptions)[];

/**
 * How an endpoint wants TLS.
 * @throws CheckFailure when its certificates cannot be used
 */
export function tlsSettings(target: CheckTarget<TlsOptions>, protocols?: string[]): TlsSettings {
  const { server_name, ca_certificate, client_certificate } = target.options;
  const context = contextOf(ca_certificate, client_certificate);
  return { servername: server_name, verify: target.verify_tls, protocols, context };
}

/** The same for an origin that the endpoint has redirected to. */
export function tlsSettingsElsewhere(target: CheckTarget<TlsOptions>, protocols?: string[]): TlsSettings {
  return { verify: target.verify_tls, protocols, context: contextOf(target.options.ca_certificate) };
}

function contextOf(ca?: string, own?: TlsOptions['client_certificate']): SecureContext | undefined {
  if (!ca && !own) return undefined;
  try {
    return createSecureContext({ ca, cert: own?.certificate, key: own?.key, passphrase: own?.passphrase });
  } catch (error) {
    throw new CheckFailure(`The client certificate cannot be used: ${(error as Error).message}`);
  }
}

function isUsable(options: Parameters<typeof createSecureContext>[0]): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}

/** A context takes any text for authorities, and finds none in it. */
function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text) instanceof X509Certificate;
  } catch {
    return false;
  }
}
