import { isIP } from 'node:net';
import { z } from 'zod';

const MAX_TEXT = 500;
/** Leading +, country code, at most 15 digits: ITU-T E.164. */
const E_164 = /^\+[1-9]\d{6,14}$/;

/** Marks a problem that has a code of its own in the API. */
export const INVALID_PHONE = 'INVALID_PHONE';

/** One line of text: what goes into headers and addresses must not break out of them. */
export const text = (description: string) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(MAX_TEXT, `must have at most ${MAX_TEXT} characters`)
    .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')
    .describe(description);

export const httpUrl = (description: string) =>
  z
    .url({ protocol: /^https?$/, message: 'must be an http or https address' })
    .max(2_000, 'must have at most 2000 characters')
    .refine((url) => !/^[^/]*\/\/[^/]*@/.test(url), 'must not hold a user name or a password')
    .describe(description);

export const httpsUrl = (description: string) =>
  httpUrl(description).refine((url) => /^https:/i.test(url), 'must be an https address');

/** Where a vendor’s API is, when not at its usual address: a regional edge, a proxy. */
export const baseUrl = (usual: string) =>
  httpUrl(`Address of the API: a regional edge or a proxy.`).default(usual);

export const phone = (description: string) => z.string().superRefine(checkPhone).describe(description);

export function checkPhone(value: string, context: z.RefinementCtx): void {
  if (E_164.test(value)) return;
  const message = 'must be a phone number in E.164 format, such as +12025550123';
  context.addIssue({ code: 'custom', message, params: { code: INVALID_PHONE } });
}

/** The name or address of a server, without a port. */
export const hostName = (description: string) =>
  z
    .string()
    .max(253, 'must have at most 253 characters')
    .refine(
      (host) => isIP(host) !== 0 || /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?$/i.test(host),
      'must be the name or the address of a server, without a port',
    )
    .describe(description);

export const emailAddress = (description: string) =>
  z.email('must be an e-mail address').max(254, 'must have at most 254 characters').describe(description);

export const verifyTls = z
  .boolean()
  .default(true)
  .describe('Whether its certificate must be valid. Turn off only for one that you signed yourself.');

/** A path below a base address, whether or not that ends with a slash. */
export function below(base: string, path: string): URL {
  return new URL(base.replace(/\/+$/, '') + path);
}
