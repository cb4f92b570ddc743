import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { chunks } from '../../../common/chunks.js';
import { Clock } from '../../../common/clock.js';
import { WorkFigures } from '../../../common/work-figures.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { JobQueue } from '../../../queues/job-queue.js';
import { unmeasured } from '../states/check-result.js';
import { CheckResultsWriter } from '../states/check-results.writer.js';
import { SilentRegions } from '../states/silent-regions.service.js';
import { type ClaimedSlot, DueSlotsStore, type OpenSlot } from './due-slots.store.js';

const CLAIM_LIMIT = 5_000;
/** Small enough that a worker killed in the middle loses little, large enough that jobs cost next to nothing. */
const BATCH_SIZE = 250;

/** A batch that fails, because the database was away for a moment, is tried again while its slots are worth it. */
const RETRIES = { attempts: 3, backoff: { type: 'fixed', delay: 1_000 } };

/**
 * Longest that a batch waits for a worker of its region. Without one they would pile up; whoever comes later has newer
 * slots to check, and what nobody has answered makes the region silent.
 */
export const REGION_PATIENCE_MS = 60_000;
/** Batches without a worker that are thrown away at once. */
const MAX_THROWN_AWAY = 1_000;

/** Slots for the workers of one region, or for whichever worker is free. */
interface Batch {
  region: string | undefined;
  slots: OpenSlot[];
}

const missedSlots = new Counter({
  name: 'watchkeep_missed_slots_total',
  help: 'Checks that were never dispatched because nothing ran; recorded as unknown.',
});

/**
 * Hands due endpoints to the workers. PostgreSQL holds the schedule, so any number of dispatchers may run: each slot
 * is claimed by one. If this process dies between claim and hand-over, the slot is lost, and found again by the next
 * worker that starts; if none does, the endpoint’s next slot, which depends on nothing before it, comes an interval later.
 */
@Injectable()
export class Dispatcher {
  private readonly logger = new Logger(Dispatcher.name);

  constructor(
    private readonly slots: DueSlotsStore,
    private readonly jobs: JobQueue,
    private readonly results: CheckResultsWriter,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'DISPATCH_INTERVAL'>,
    private readonly figures: WorkFigures,
    private readonly silence: SilentRegions,
  ) {}

  /** Dispatches everything that is due, and says how many slots that was. */
  async dispatch(): Promise<number> {
    let total = 0;
    for (;;) {
      const now = this.clock.now();
      const claimed = await this.slots.claim({
        now,
        beat: this.config.DISPATCH_INTERVAL,
        limit: CLAIM_LIMIT,
      });
      await this.recordMissed(claimed, now);
      await this.handOver(claimed);
      await this.reviewSilence(claimed, now);
      total += claimed.length;
      if (claimed.length < CLAIM_LIMIT) return total;
    }
  }

  /**
   * For a worker that starts: what was claimed by one that was killed would wait for its next slot, and then have
   * gone unchecked for two intervals. Slots that another worker is busy with are handed out a second time; whichever
   * result comes first is the one that counts.
   */
  async recover(): Promise<number> {
    const lost = await this.slots.unanswered(this.clock.now(), this.config.DISPATCH_INTERVAL);
    await Promise.all(batches(lost).map((batch) => this.add(batch, `again-${randomUUID()}`)));
    return lost.length;
  }

  /** Nobody else notices that the workers of a region have gone: no result comes that would tell. */
  private async reviewSilence(claimed: readonly ClaimedSlot[], now: Date): Promise<void> {
    const regional = claimed.filter(({ regions }) => regions.length > 0);
    if (regional.length === 0) return;
    try {
      await this.silence.review(
        regional.map(({ endpoint_id }) => endpoint_id),
        now,
      );
    } catch (error) {
      this.logger.warn(`Silent regions are left to the next slot: ${String(error)}`);
    }
  }

  private async handOver(claimed: readonly ClaimedSlot[]): Promise<void> {
    await this.forgetUnanswered(claimed);
    const outcomes = await Promise.allSettled(
      batches(claimed).map(async (batch) => {
        try {
          await this.add(batch, idOfBatch(batch));
        } catch (error) {
          await this.slots.release(batch.slots);
          throw error;
        }
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** Batches that have waited in vain for a worker of their region. What is due goes out whether or not they go. */
  private async forgetUnanswered(claimed: readonly ClaimedSlot[]): Promise<void> {
    const regions = [...new Set(claimed.flatMap((slot) => slot.regions))];
    await Promise.allSettled(
      regions.map((region) =>
        this.jobs.regionQueue(region).clean(REGION_PATIENCE_MS, MAX_THROWN_AWAY, 'wait'),
      ),
    );
  }

  private async add({ region, slots }: Batch, jobId: string): Promise<void> {
    const payload = { slots: slots.map((each) => [each.endpoint_id, each.slot] as const) };
    await this.jobs.add('run-checks', payload, { ...RETRIES, jobId }, region);
  }

  /** Slots that went by while nothing ran become one unmeasured result each endpoint: neither up nor down. */
  private async recordMissed(claimed: readonly ClaimedSlot[], now: Date): Promise<void> {
    const gaps = claimed.filter((each) => each.missed > 0);
    if (gaps.length === 0) return;
    const missed = gaps.reduce((sum, gap) => sum + gap.missed, 0);
    missedSlots.inc(missed);
    this.figures.slotsMissed(missed, now.getTime());
    this.logger.warn(
      `${missed} checks of ${gaps.length} endpoints were missed: nothing was dispatching them.`,
    );
    const outcomes = await Promise.allSettled(gaps.map((gap) => this.results.write(gapResult(gap, now))));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) this.logger.warn(`Missed checks could not be recorded: ${String(failed.reason)}`);
  }
}

function gapResult({ endpoint_id, missed, last_missed, due }: ClaimedSlot, now: Date) {
  const what = missed === 1 ? '1 check was missed' : `${missed} checks were missed`;
  const reason = `${what}, the first at ${new Date(due).toISOString()}: nothing was dispatching them`;
  const gap = unmeasured({ endpoint_id, slot: last_missed, since: due }, now.getTime(), reason);
  return { ...gap, everywhere: true };
}

/** A slot is claimed once, so a batch is known by its first: a repeated hand-over adds no second job. */
function idOfBatch({ slots: [first] }: Batch): string {
  return `${first!.endpoint_id}-${first!.slot}`;
}

/** What lies close together in time goes together, so that a worker can begin it in one burst. */
function batches(slots: readonly OpenSlot[]): Batch[] {
  const ordered = [...slots].sort((a, b) => a.slot - b.slot);
  const anywhere = ordered.filter(({ regions }) => regions.length === 0);
  const regions = [...new Set(ordered.flatMap((slot) => slot.regions))];
  return [
    ...batchesFor(undefined, anywhere),
    ...regions.flatMap((region) =>
      batchesFor(
        region,
        ordered.filter((slot) => slot.regions.includes(region)),
      ),
    ),
  ];
}

function batchesFor(region: string | undefined, slots: readonly OpenSlot[]): Batch[] {
  return chunks(slots, BATCH_SIZE).map((batch) => ({ region, slots: batch }));
}
