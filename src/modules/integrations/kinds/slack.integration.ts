import { z } from 'zod';
import { exchange } from '../probing/http-exchange.js';
import { ProbeFailure } from '../probing/probe-context.js';
import { httpUrl, text } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z.strictObject({
  webhook_url: httpUrl('Address of the incoming webhook.').refine(
    (url) => !/^https:\/\/hooks\.slack(-gov)?\.com\/(workflows|triggers)\//i.test(url),
    'starts a workflow: an incoming webhook (https://hooks.slack.com/services/…) is needed',
  ),
  channel: text('Channel that the webhook posts to, as people know it: #alerts.').optional(),
});

/** What a live webhook says of a message without text. Old ones have other words than new ones. */
const REFUSES_EMPTY_MESSAGE = new Set(['no_text', 'missing_text', 'invalid_payload']);

const DEAD = new Set([403, 404, 410]);

/**
 * A message with an empty text is refused by a live webhook, with 400, and nothing is posted; what Slack says of dead ones:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors
 */
export const SLACK = defineKind({
  name: 'slack',
  title: 'Slack',
  proves: 'The webhook is alive: it refuses an empty message, as it should. Nothing is posted.',
  settings,
  secrets: ['webhook_url'],
  destination: [],
  async probe({ webhook_url }, context) {
    const answer = await exchange({ url: new URL(webhook_url), method: 'POST', body: { text: '' } }, context);
    const said = answer.text.trim();
    if (answer.status === 400 && REFUSES_EMPTY_MESSAGE.has(said)) return 'The webhook is alive';
    const verdict = DEAD.has(answer.status) ? 'The webhook is dead' : 'The webhook does not behave like one';
    throw new ProbeFailure(`${verdict}: Slack answers ${answer.status} ${said}`.trim());
  },
});
