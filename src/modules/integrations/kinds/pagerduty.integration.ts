import { z } from 'zod';
import { exchange } from '../probing/http-exchange.js';
import { ProbeFailure } from '../probing/probe-context.js';
import { baseUrl, below } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z.strictObject({
  routing_key: z
    .string()
    .regex(/^[A-Za-z0-9]{32}$/, 'must have 32 letters and digits')
    .describe('Integration key of a service with the integration Events API v2.'),
  base_url: baseUrl('https://events.pagerduty.com'),
});

/**
 * https://developer.pagerduty.com/docs/events-api-v2-overview: an event without the required `event_action` is refused with
 * 400 and a list of what is wrong with it. A key of the right form is believed until an event is processed.
 */
export const PAGERDUTY = defineKind({
  name: 'pagerduty',
  title: 'PagerDuty',
  proves:
    'The Events API answers and finds nothing wrong with the form of the key. Whether the key belongs to a service cannot be told without an event.',
  settings,
  secrets: ['routing_key'],
  destination: ['base_url'],
  async probe({ routing_key, base_url }, context) {
    const url = below(base_url, '/v2/enqueue');
    const { status, json } = await exchange({ url, method: 'POST', body: { routing_key } }, context);
    const errors = Array.isArray(json?.['errors']) ? json['errors'].map(String) : [];
    const aboutKey = errors.filter((error) => error.includes('routing_key'));
    if (aboutKey.length > 0) throw new ProbeFailure(`The routing key is refused: ${aboutKey.join('; ')}`);
    if (status === 400 && json?.['status'] === 'invalid event') return 'The Events API answers';
    throw new ProbeFailure(`PagerDuty answers ${status} where it should refuse an incomplete event with 400`);
  },
});
