import { z } from 'zod';
import { touch } from '../probing/open-connection.js';
import { httpsUrl } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z.strictObject({
  webhook_url: httpsUrl('Address of the workflow “When a Teams webhook request is received”.'),
});

/** Whatever is sent to a workflow starts it, and a GET is refused whether or not it exists: only the way to it is proven. */
export const TEAMS = defineKind({
  name: 'teams',
  title: 'Microsoft Teams',
  proves:
    'The host answers over TLS with a valid certificate. Whether the workflow is alive cannot be told without starting it.',
  settings,
  secrets: ['webhook_url'],
  destination: [],
  async probe({ webhook_url }, context) {
    const url = new URL(webhook_url);
    await touch(url, true, context);
    return `${url.host} answers over TLS`;
  },
});
