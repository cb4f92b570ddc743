import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../../../common/access.js';
import { CheckIns } from '../../../common/check-ins.js';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { RateLimitExceeded } from '../../../common/rate-limit.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { ErrorIntake } from '../ingest/error-intake.js';
import { LossLedger } from '../volume/loss-ledger.js';
import { MinuteCounts, secondsLeft } from '../volume/minute-counts.js';
import { checkInOf } from './check-in.js';
import { clientLossesOf } from './client-report.js';
import { type Envelope, jsonOf, malformed } from './envelope.js';
import { inferredAddress, reportOfEvent } from './event-report.js';
import type { Given } from './given.js';
import { type Category, CategoryLimit } from './sentry-failure.js';

/** Who sends, and which project it is about. */
export interface Sender {
  principal: Principal;
  source: string;
  userAgent: string | undefined;
  ipAddress: string | undefined;
}

const EVENT_ID = /^[\da-f]{32}$/;
/** Check-ins of one key a minute, in each process: a DSN is no secret, and each of them is worked on alone. */
const MAX_CHECK_INS = 600;
const MAX_KEYS = 10_000;

/** Takes in what Sentry’s SDKs send: events, check-ins, and what they had to throw away. All else is let pass. */
@Injectable()
export class SentryIntake {
  private readonly maxEventBytes: number;
  private readonly checkInCounts = new MinuteCounts(MAX_KEYS);

  constructor(
    private readonly errors: ErrorIntake,
    private readonly checkIns: CheckIns,
    private readonly ledger: LossLedger,
    private readonly clock: Clock,
    @Inject(CONFIG) { BODY_LIMIT_KB }: Pick<Config, 'BODY_LIMIT_KB'>,
  ) {
    this.maxEventBytes = BODY_LIMIT_KB * 1_024;
  }

  /**
   * Handles every item, whatever becomes of the others, and then throws the first failure. Answers the id of the event,
   * or undefined when the envelope names none.
   */
  async takeEnvelope({ header, items }: Envelope, sender: Sender): Promise<string | undefined> {
    const events = items.filter(({ type }) => type === 'event');
    if (events.length > 1) throw malformed('An envelope may hold one event.');
    const work: Promise<unknown>[] = [];
    for (const { type, payload } of items) {
      if (type === 'client_report') work.push(this.takeLosses(payload, sender));
      else if (type === 'check_in') work.push(this.takeCheckIn(payload, sender));
    }
    const named = idOf(header['event_id']);
    const event = events[0] && this.takeEvent(events[0].payload, sender, named);
    const [failed] = (await Promise.allSettled([event, ...work])).filter(
      ({ status }) => status === 'rejected',
    ) as PromiseRejectedResult[];
    if (failed) throw failed.reason;
    return event ?? named;
  }

  /** Resolves when the event is durable, with its id. */
  async takeEvent(payload: Buffer, sender: Sender, named?: string): Promise<string> {
    const { principal, userAgent, ipAddress } = sender;
    return limiting('error', async () => {
      const report = this.errors.read(() => {
        if (payload.length > this.maxEventBytes) throw tooLarge(this.maxEventBytes);
        const event = jsonOf(payload, 'The event');
        const eventId = named ?? idOf(event['event_id']) ?? randomUUID().replaceAll('-', '');
        return { ...reportOfEvent(event, { ...sender, eventId }), isAddressKept: mayKeepAddress(event) };
      });
      const { isAddressKept, ...event } = report;
      await this.errors.take(event, {
        principal,
        userAgent: userAgent?.startsWith('Mozilla/') ? userAgent : undefined,
        ipAddress: isAddressKept ? ipAddress : undefined,
      });
      return event.event_id!;
    });
  }

  private async takeCheckIn(payload: Buffer, { source, principal }: Sender): Promise<void> {
    const checkIn = checkInOf(jsonOf(payload, 'The check-in'), source);
    await limiting('monitor', () => {
      const now = this.clock.now().getTime();
      if (!this.checkInCounts.take(principal.id, MAX_CHECK_INS, now)) throw tooManyCheckIns(now);
      return this.checkIns.take(checkIn);
    });
  }

  // oxlint-disable-next-line typescript/require-await -- a failure is one item’s, like those of the others
  private async takeLosses(payload: Buffer, { source }: Sender): Promise<void> {
    const losses = clientLossesOf(jsonOf(payload, 'The client report'));
    for (const loss of losses) this.ledger.add({ source, outcome: 'client_discarded', ...loss });
  }
}

/** 32 hex digits, of which dashes are no part. */
function idOf(given: unknown): string | undefined {
  if (typeof given !== 'string' || given.length > 36) return undefined;
  const id = given.replaceAll('-', '').toLowerCase();
  return EVENT_ID.test(id) ? id : undefined;
}

function mayKeepAddress(event: Given): boolean {
  return inferredAddress(event) !== 'never';
}

/** Says what a limit is on, so that the client goes on sending the rest. */
async function limiting<T>(category: Category, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isLimit = error instanceof CodedException && error.code === 'RATE_LIMIT_EXCEEDED';
    throw isLimit ? new CategoryLimit(error, category) : error;
  }
}

function tooManyCheckIns(now: number): RateLimitExceeded {
  return new RateLimitExceeded(
    `This key may check in ${MAX_CHECK_INS} times a minute.`,
    'key',
    secondsLeft(now),
  );
}

function tooLarge(maxBytes: number): CodedException {
  return new CodedException(
    'PAYLOAD_TOO_LARGE',
    `The event is too large: at most ${Math.floor(maxBytes / 1_024)} KiB.`,
  );
}
