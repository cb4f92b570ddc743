import { z } from 'zod';
import { exchange, type ExchangeAnswer } from '../probing/http-exchange.js';
import { type ProbeContext, ProbeFailure } from '../probing/probe-context.js';
import { baseUrl, below, phone } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z.strictObject({
  account_sid: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hexadecimal digits')
    .describe('SID of the account, or of a subaccount.'),
  auth_token: z.string().min(1, 'must not be empty').max(200).describe('Its auth token.'),
  from: phone('Number that messages are sent from, in E.164 format.').optional(),
  base_url: baseUrl('https://api.twilio.com'),
});

type TwilioSettings = z.output<typeof settings>;

/** https://www.twilio.com/docs/iam/api/account: standard API keys may not read it, so the auth token is asked for. */
export const TWILIO = defineKind({
  name: 'twilio',
  title: 'Twilio',
  proves: 'The account is active, the token is right, and `from` belongs to the account. No message is sent.',
  settings,
  secrets: ['auth_token'],
  destination: ['base_url'],
  async probe(given, context) {
    const account = await read(given, '.json', context);
    const status = account.json?.['status'];
    if (status !== 'active') throw new ProbeFailure(`The account is not active: it is ${String(status)}`);
    if (given.from === undefined) return 'The account is active';
    await assertOwned(given, given.from, context);
    return `The account is active and owns ${given.from}`;
  },
});

async function assertOwned(given: TwilioSettings, number: string, context: ProbeContext): Promise<void> {
  const query = new URLSearchParams({ PhoneNumber: number });
  const { json } = await read(given, `/IncomingPhoneNumbers.json?${query.toString()}`, context);
  const owned = (json?.['incoming_phone_numbers'] ?? []) as { phone_number?: string }[];
  if (!owned.some(({ phone_number }) => phone_number === number)) {
    throw new ProbeFailure(`The account has no number ${number}`);
  }
}

async function read(
  { base_url, account_sid, auth_token }: TwilioSettings,
  path: string,
  context: ProbeContext,
): Promise<ExchangeAnswer> {
  const url = below(base_url, `/2010-04-01/Accounts/${account_sid}${path}`);
  const credentials = Buffer.from(`${account_sid}:${auth_token}`).toString('base64');
  const answer = await exchange({ url, headers: { Authorization: `Basic ${credentials}` } }, context);
  if (answer.status === 200) return answer;
  const said = answer.json?.['message'];
  if (answer.status === 401) throw new ProbeFailure('The account SID or the auth token is wrong (401)');
  throw new ProbeFailure(`Twilio answers ${answer.status}${typeof said === 'string' ? `: ${said}` : ''}`);
}
