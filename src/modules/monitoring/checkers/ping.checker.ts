import { z } from 'zod';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Answer, Checker } from './checker.js';
import { PingProgram, type PingReport } from './ping-program.js';
import { addressOf } from './target-address.js';

const SCHEMES = { 'ping:': null };

const options = z.strictObject({
  count: z
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe('How many pings are sent, 0.2 s apart. The check fails when all of them are lost.'),
});

export type PingOptions = z.output<typeof options>;

/** ICMP echo. `program` is what is run for it. */
export function makePingChecker(program: string): Checker<PingOptions> {
  return {
    schemes: SCHEMES,
    options,
    secret_options: [],
    auth: [],
    asserts: ['body', 'json'],
    async probe(target, attempt) {
      const { count } = target.options;
      const [destination] = await attempt.resolve(addressOf(target.url, SCHEMES).host);
      const ping = PingProgram.start(program, destination!.address, count);
      try {
        return conclusion(await pinged(ping, attempt), count, attempt);
      } finally {
        ping.kill();
      }
    },
  };
}

export const pingChecker = makePingChecker('ping');

/** When time is up, the replies that have come by then count: not all of them need to have been lost. */
async function pinged(ping: PingProgram, attempt: Attempt): Promise<PingReport> {
  attempt.clock.begin('waiting for the answer');
  await new Promise<void>((resolve, reject) => {
    attempt.onStop((reason) => (ping.report.round_trips.length > 0 ? resolve() : reject(reason)));
    ping.ended.then(resolve, reject);
  });
  return ping.report;
}

function conclusion({ round_trips, remarks }: PingReport, sent: number, attempt: Attempt): Answer {
  const received = Math.min(sent, round_trips.length);
  if (received === 0) throw new CheckFailure(noReply(remarks, sent));
  const average = round_trips.reduce((sum, each) => sum + each, 0) / round_trips.length;
  const average_ms = Math.round(average * 1_000) / 1_000;
  attempt.clock.phases.first_byte = average_ms;
  const loss_percent = Math.round((1 - received / sent) * 1_000) / 10;
  return {
    failure: null,
    response_time_ms: average_ms,
    text: JSON.stringify({
      sent,
      received,
      loss_percent,
      min_ms: Math.min(...round_trips),
      average_ms,
      max_ms: Math.max(...round_trips),
    }),
  };
}

function noReply(remarks: string, sent: number): string {
  const [reason] =
    /(?:Destination|Network|Host|Time to live|Communication|No route|Packet filtered)[ \w]*/i.exec(
      remarks.replace(/^PING .*/m, ''),
    ) ?? [];
  const pings = sent === 1 ? 'the ping' : `${sent} pings`;
  return reason ? `No reply to ${pings}: ${reason.trim()}` : `No reply to ${pings}`;
}
