import { z } from 'zod';
import { exchange } from '../probing/http-exchange.js';
import { ProbeFailure } from '../probing/probe-context.js';
import { baseUrl, below, checkPhone, text } from './fields.js';
import { defineKind } from './integration-kind.js';

/** The vendor has a second installation for trying things out, for exactly one user name. */
const SANDBOX_USERNAME = 'sandbox';
const USUAL = 'https://api.africastalking.com';
const SANDBOX = 'https://api.sandbox.africastalking.com';

const SENDER = /^[A-Za-z0-9][A-Za-z0-9 _.-]{1,10}$/;
const NO_SENDER = 'must be a name of 2 to 11 letters and digits, a short code, or a number in E.164 format';

const settings = z.strictObject({
  username: text('User name of the application; sandbox for the sandbox.'),
  api_key: z.string().min(1, 'must not be empty').max(200).describe('API key of the application.'),
  sender_id: z
    .string()
    .superRefine((value, context) => {
      if (value.startsWith('+')) checkPhone(value, context);
      else if (!SENDER.test(value)) context.addIssue({ code: 'custom', message: NO_SENDER });
    })
    .optional()
    .describe('Who messages come from: a registered name, a short code, or a number in E.164 format.'),
  base_url: baseUrl(USUAL),
});

/** https://developers.africastalking.com/docs/application: the application’s own data. */
export const AFRICAS_TALKING = defineKind({
  name: 'africas_talking',
  title: 'Africa’s Talking',
  proves: 'The user name and the API key are right. No message is sent, and `sender_id` is not looked at.',
  settings,
  secrets: ['api_key'],
  destination: ['base_url'],
  async probe({ username, api_key, base_url }, context) {
    const base = base_url === USUAL && username === SANDBOX_USERNAME ? SANDBOX : base_url;
    const query = new URLSearchParams({ username });
    const url = below(base, `/version1/user?${query.toString()}`);
    const { status, json, text: said } = await exchange({ url, headers: { apiKey: api_key } }, context);
    if (status === 401) throw new ProbeFailure('The user name or the API key is wrong (401)');
    if (status !== 200) throw new ProbeFailure(`Africa’s Talking answers ${status}: ${said}`);
    const data = json?.['UserData'] as { balance?: unknown } | undefined;
    if (!data) throw new ProbeFailure('The answer does not look like one of Africa’s Talking');
    return `The application has a balance of ${String(data.balance)}`;
  },
});
