import { z } from 'zod';
import { exchange } from '../probing/http-exchange.js';
import { ProbeFailure } from '../probing/probe-context.js';
import { httpUrl } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z.strictObject({
  webhook_url: httpUrl('Address of the webhook: https://discord.com/api/webhooks/…'),
});

/** https://discord.com/developers/docs/resources/webhook#get-webhook-with-token: needs no other credentials. */
export const DISCORD = defineKind({
  name: 'discord',
  title: 'Discord',
  proves: 'The webhook exists and its token is right. Nothing is posted.',
  settings,
  secrets: ['webhook_url'],
  destination: [],
  async probe({ webhook_url }, context) {
    const url = new URL(webhook_url);
    url.search = '';
    const { status, json } = await exchange({ url }, context);
    if (status === 401) throw new ProbeFailure('The token in the address of the webhook is wrong (401)');
    if (status === 404) throw new ProbeFailure('The webhook does not exist any more (404)');
    if (status !== 200) throw new ProbeFailure(`Discord answers ${status}: ${String(json?.['message'])}`);
    if (json?.['id'] === undefined) throw new ProbeFailure('The answer is not that of a Discord webhook');
    return `The webhook “${String(json['name'])}” is alive`;
  },
});
