import { Cron } from 'croner';
import { z } from 'zod';
import { parseDuration } from '../../../common/duration.js';

const DAY_MS = 86_400_000;
const LONGEST_MS = 30 * DAY_MS;

const duration = z.string().refine((text) => {
  const milliseconds = parseDuration(text);
  return milliseconds !== undefined && milliseconds <= LONGEST_MS;
}, 'must be a duration of at most 30d, such as 30s, 5m or 1h');

const time_zone = z
  .string()
  .max(100)
  .refine(isTimeZone, 'must be a time zone, such as Europe/Berlin')
  .default('UTC')
  .describe('Time zone that the expression is meant in.');

const expression = z
  .string()
  .max(200)
  .describe('Cron expression of five fields, or six with seconds first: `0 3 * * *`.');

const schedule = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('interval').describe('One heartbeat an `interval`, counted from the last.'),
    }),
    z.strictObject({
      type: z.literal('cron').describe('At times of the calendar.'),
      expression: expression.refine(
        comesAgain,
        'must be a cron expression that comes due, such as 0 3 * * *',
      ),
      time_zone,
    }),
  ])
  .default({ type: 'interval' })
  .describe('When heartbeats are expected.');

/** Settings of an endpoint that reports by itself. */
export const pushOptions = z.strictObject({
  schedule,
  grace: duration
    .default('1m')
    .describe('How much later than expected a heartbeat may come, up to `30d`, before it counts as missing.'),
  max_run_time: duration
    .refine((text) => parseDuration(text) !== 0, 'must be longer than 0s')
    .nullable()
    .default(null)
    .describe('Longest time from the start of a run to its end, up to `30d`; null for no limit.'),
});

export type PushOptions = z.output<typeof pushOptions>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function comesAgain(text: string): boolean {
  try {
    return !text.includes(':') && new Cron(text, { mode: '5-or-6-parts' }).nextRun() !== null;
  } catch {
    return false;
  }
}
