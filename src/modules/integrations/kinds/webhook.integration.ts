import { z } from 'zod';
import { touch } from '../probing/open-connection.js';
import { httpUrl, verifyTls } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z.strictObject({
  url: httpUrl('Address that events are posted to. It is kept secret: many carry a token.'),
  signing_secret: z
    .string()
    .min(16, 'must have at least 16 characters')
    .max(500, 'must have at most 500 characters')
    .optional()
    .describe('Secret that events are signed with, so that the receiver can tell them from forgeries.'),
  verify_tls: verifyTls,
});

/** Nobody knows what a receiver of somebody’s own does with a request, so it gets none. */
export const WEBHOOK = defineKind({
  name: 'webhook',
  title: 'Webhook',
  proves: 'The host takes connections, over TLS for https. Nothing is posted, so the path is not looked at.',
  settings,
  secrets: ['url', 'signing_secret'],
  destination: ['verify_tls'],
  async probe({ url, verify_tls }, context) {
    const target = new URL(url);
    await touch(target, verify_tls, context);
    return `${target.host} takes connections${target.protocol === 'https:' ? ' over TLS' : ''}`;
  },
});
