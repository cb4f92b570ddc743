import { z } from 'zod';
import { exchange } from '../probing/http-exchange.js';
import { type ProbeContext, ProbeFailure } from '../probing/probe-context.js';
import { baseUrl, below } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z.strictObject({
  bot_token: z
    .string()
    .regex(/^\d{1,20}:[A-Za-z0-9_-]{10,100}$/, 'must look like 123456:ABC-DEF…')
    .describe('Token of the bot, as BotFather gave it.'),
  chat_id: z
    .string()
    .regex(/^(-?\d{1,20}|@\w{1,64})$/, 'must be a number, or @ and the name of a public channel')
    .optional()
    .describe('Chat that messages go to: its number, or @ and the name of a public channel.'),
  base_url: baseUrl('https://api.telegram.org'),
});

type TelegramSettings = z.output<typeof settings>;

/** https://core.telegram.org/bots/api#getme and #getchat: they tell, and send nothing. */
export const TELEGRAM = defineKind({
  name: 'telegram',
  title: 'Telegram',
  proves: 'The token is right, and the bot can see the chat. No message is sent.',
  settings,
  secrets: ['bot_token'],
  destination: ['base_url'],
  async probe(given, context) {
    const bot = await call(given, 'getMe', {}, context);
    if (given.chat_id !== undefined) await call(given, 'getChat', { chat_id: given.chat_id }, context);
    const where = given.chat_id === undefined ? '' : ` and sees the chat ${given.chat_id}`;
    return `The bot @${String(bot['username'])} is ready${where}`;
  },
});

async function call(
  { base_url, bot_token }: TelegramSettings,
  method: string,
  parameters: Record<string, string>,
  context: ProbeContext,
): Promise<Record<string, unknown>> {
  const query = new URLSearchParams(parameters).toString();
  const url = below(base_url, `/bot${bot_token}/${method}${query && `?${query}`}`);
  const { status, json } = await exchange({ url }, context);
  if (status === 200 && json?.['ok'] === true) return json['result'] as Record<string, unknown>;
  // An unknown token makes an unknown path.
  if (status === 401 || (status === 404 && method === 'getMe')) {
    throw new ProbeFailure(`The bot token is wrong (${status})`);
  }
  throw new ProbeFailure(`Telegram answers ${status} to ${method}: ${String(json?.['description'])}`);
}
