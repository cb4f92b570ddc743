import { Injectable } from '@nestjs/common';
import { AnswerCache } from '../../../common/cache/answer-cache.js';
import { chunks } from '../../../common/chunks.js';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { ChecksReader } from '../statistics/checks.reader.js';
import type {
  CheckDto,
  EndpointCheckDto,
  HealthCheckRunDto,
  RunHealthChecksDto,
} from '../statistics/dto/check.dto.js';
import { type CheckableEndpoint, EndpointsReader } from '../endpoints/endpoints.reader.js';
import { JobWaiter } from './job-waiter.js';
import { SystemMetricsReader } from '../system-metrics/system-metrics.reader.js';

const JOB_SIZE = 100;
/** Beyond the endpoints’ own timeout: for the queue, and for storing the results. */
const PATIENCE_MS = 10_000;

/** Checks out of turn, for somebody who waits. Workers make them; their results are stored like any other. */
@Injectable()
export class ManualChecksService {
  constructor(
    private readonly endpoints: EndpointsReader,
    private readonly checks: ChecksReader,
    private readonly metrics: SystemMetricsReader,
    private readonly jobs: JobWaiter,
    private readonly answers: AnswerCache,
    private readonly clock: Clock,
  ) {}

  /**
   * From several regions, the result that is not good speaks for all.
   * @throws CodedException `ENDPOINT_NOT_FOUND`, `WORKER_UNAVAILABLE`
   */
  async checkOne(id: string): Promise<CheckDto> {
    const found = await this.check([await this.endpoints.checkable(id)]);
    const check = found.find(({ ok }) => !ok) ?? found[0];
    if (!check)
      throw new CodedException('WORKER_UNAVAILABLE', 'The check was made, but its result was not stored.');
    const { endpoint_id: _, endpoint: __, ...result } = check;
    return result;
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND`, `WORKER_UNAVAILABLE` */
  async run({ endpoint, collect_metrics }: RunHealthChecksDto): Promise<HealthCheckRunDto> {
    const chosen =
      endpoint === undefined
        ? await this.endpoints.allCheckable()
        : [await this.endpoints.checkableByName(endpoint)];
    const [checks, metrics] = await Promise.all([
      this.check(chosen),
      collect_metrics ? this.collectMetrics() : null,
    ]);
    return { checked: checks.length, failed: checks.filter((check) => !check.ok).length, checks, metrics };
  }

  /** The time of the request is the slot of all, so that results are found again without being passed around. */
  private async check(endpoints: readonly CheckableEndpoint[]): Promise<EndpointCheckDto[]> {
    const slot = this.clock.now();
    const ids = endpoints.map((endpoint) => endpoint.id);
    const patience = Math.max(0, ...endpoints.map((endpoint) => endpoint.timeout_ms)) + PATIENCE_MS;
    const outcomes = await Promise.allSettled(
      jobsFor(endpoints).map(({ region, endpoint_ids }) =>
        this.jobs.run('run-checks-now', { endpoint_ids }, slot, patience, region),
      ),
    );
    // A region without a worker keeps nobody from the results of the others.
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed && !outcomes.some(({ status }) => status === 'fulfilled')) throw failed.reason;
    await this.answers.changed('services');
    return this.checks.atSlot(ids, slot);
  }

  private async collectMetrics() {
    await this.jobs.run('collect-system-metrics', {}, this.clock.now(), PATIENCE_MS);
    return this.metrics.latest();
  }
}

function jobsFor(endpoints: readonly CheckableEndpoint[]): { region?: string; endpoint_ids: string[] }[] {
  const anywhere = endpoints.filter(({ regions }) => regions.length === 0);
  const regions = [...new Set(endpoints.flatMap((endpoint) => endpoint.regions))];
  return [
    ...partsOf(anywhere).map((endpoint_ids) => ({ endpoint_ids })),
    ...regions.flatMap((region) =>
      partsOf(endpoints.filter((endpoint) => endpoint.regions.includes(region))).map((endpoint_ids) => ({
        region,
        endpoint_ids,
      })),
    ),
  ];
}

function partsOf(endpoints: readonly CheckableEndpoint[]): string[][] {
  return chunks(
    endpoints.map(({ id }) => id),
    JOB_SIZE,
  );
}
